//! Draws a run as SVG: the states of the hosts over time, and the tokens of the limiter.

use core::ops::Range;

use lankeeper::{Instant, State};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::drawing::{Area, FAINT, Fallible, INK, MISHAP, NARROWEST, color, minutes, text};
use crate::mishap::Kind;
use crate::report::rows;
use crate::simulation::Outcome;
use crate::timeline::{Event, HostId};
use crate::token_plot::draw_tokens;

const WIDTH: u32 = 1280;
const MARGIN: u32 = 24;
const TITLE: u32 = 44;
const ROW: u32 = 24;
/// The space around the rows of states: numbers of mishaps above, the axis below.
const AROUND_ROWS: u32 = 66;
const LEGEND: u32 = 126;
const LEGEND_ROW: i32 = 19;
const TOKENS: u32 = 260;
/// The width of the host names.
pub const NAMES: u32 = 92;

/// Draws the run.
pub fn draw(outcome: &Outcome) -> Fallible<String> {
    let (hosts, others) = rows(outcome);
    let rows = u32::try_from(hosts.len())? * ROW;
    let height = TITLE + rows + AROUND_ROWS + LEGEND + TOKENS + MARGIN;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        root.fill(&WHITE)?;
        let root = root.margin(0, 0, MARGIN, MARGIN);
        let (title, rest) = root.split_vertically(TITLE);
        let (states, rest) = rest.split_vertically(rows + AROUND_ROWS);
        let (legend, tokens) = rest.split_vertically(LEGEND);
        draw_title(&title, others.len())?;
        draw_states(&states, outcome, &hosts)?;
        draw_legend(&legend, outcome)?;
        let (whole, flood) = tokens.split_horizontally((WIDTH - 2 * MARGIN) * 55 / 100);
        draw_tokens(&whole, outcome, None)?;
        draw_tokens(&flood, outcome, flood_begin(outcome))?;
        root.present()?;
    }
    Ok(svg)
}

fn draw_title(area: &Area<'_>, left_out: usize) -> Fallible<()> {
    let mut title = "States of the interfaces".to_owned();
    if left_out > 0 {
        title += &format!(" ({left_out} nodes that met no mishap are left out)");
    }
    area.draw_text(&title, &text(19, INK, HPos::Left, VPos::Center), (0, 26))?;
    Ok(())
}

/// Draws one row per host, one colour per state, and a numbered line per mishap.
fn draw_states(area: &Area<'_>, outcome: &Outcome, hosts: &[HostId]) -> Fallible<()> {
    let end = minutes(outcome.end);
    let rows = hosts.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_top(24)
        .x_label_area_size(42)
        .y_label_area_size(NAMES)
        .build_cartesian_2d(0.0..end, rows..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_desc("virtual minutes")
        .x_labels(16)
        .x_label_formatter(&|minute| format!("{minute:.0}"))
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .label_style(text(13, INK, HPos::Center, VPos::Top))
        .draw()?;

    let stranger = outcome.hosts.len() - 1;
    let plotting = chart.plotting_area();
    let narrowest = NARROWEST * end / f64::from(plotting.dim_in_pixel().0);
    for mishap in &outcome.schedule {
        let begin = minutes(mishap.begin);
        let until = minutes(mishap.end).max(begin + narrowest);
        let band = Rectangle::new([(begin, 0.0), (until, rows)], MISHAP.mix(0.16).filled());
        plotting.draw(&band)?;
    }
    for (row, host) in hosts.iter().enumerate() {
        let (top, bottom) = (row as f64 + 0.16, row as f64 + 0.84);
        let mut intervals = intervals(outcome, *host);
        // Draws short states last, so that long ones do not cover them.
        intervals.sort_by_key(|(state, _)| *state != State::Connected);
        for (state, interval) in intervals {
            let right = interval.end.max(interval.start + narrowest).min(end);
            let bar = [(interval.start, top), (right, bottom)];
            plotting.draw(&Rectangle::new(bar, color(state).filled()))?;
        }
        let name = &outcome.hosts[*host].name;
        let middle = 24 + (row as i32) * ROW as i32 + ROW as i32 / 2;
        let style = text(13, INK, HPos::Right, VPos::Center);
        area.draw_text(name, &style, (NAMES as i32 - 8, middle))?;
    }
    for (number, mishap) in (1..).zip(&outcome.schedule) {
        let begin = minutes(mishap.begin);
        plotting.draw(&PathElement::new(
            [(begin, 0.0), (begin, rows)],
            MISHAP.stroke_width(1),
        ))?;
        let (x, _) = plotting.map_coordinate(&(begin, 0.0));
        let (left, top) = area.get_base_pixel();
        let style = text(13, MISHAP, HPos::Center, VPos::Bottom);
        area.draw_text(
            &number.to_string(),
            &style,
            (x - left, plotting.get_base_pixel().1 - top - 5),
        )?;
        // Marks the row of the affected host.
        if let Some(row) = hosts
            .iter()
            .position(|host| *host == mishap.kind.host(stranger))
        {
            plotting.draw(&Circle::new((begin, row as f64 + 0.5), 3, MISHAP.filled()))?;
        }
    }
    Ok(())
}

/// The states of a host, each with its interval in minutes.
fn intervals(outcome: &Outcome, host: HostId) -> Vec<(State, Range<f64>)> {
    let mut intervals = Vec::new();
    let (mut state, mut since) = (State::Unknown, 0.0);
    for entry in outcome.timeline.of(host, Instant::EPOCH, Instant::MAX) {
        if let Event::State { state: next, .. } = entry.event {
            let at = minutes(entry.at);
            intervals.push((state, since..at));
            (state, since) = (next, at);
        }
    }
    intervals.push((state, since..minutes(outcome.end)));
    intervals
}

fn draw_legend(area: &Area<'_>, outcome: &Outcome) -> Fallible<()> {
    let seen = |wanted: &State| {
        let is_wanted =
            |event: &Event| matches!(event, Event::State { state, .. } if state == wanted);
        *wanted == State::Unknown
            || outcome
                .timeline
                .entries()
                .iter()
                .any(|entry| is_wanted(&entry.event))
    };
    let style = text(12, INK, HPos::Left, VPos::Center);
    let right = i32::try_from(WIDTH - 2 * MARGIN)?;
    let (mut x, mut y) = (0, 4);
    for state in State::ALL.into_iter().filter(seen) {
        let label = format!("{} ({})", state.name(), state.code());
        // Capitals of this size are less than eight pixels wide.
        let width = 17 + i32::try_from(label.len())? * 8;
        if x + width > right {
            (x, y) = (0, y + LEGEND_ROW);
        }
        let square = [(x, y), (x + 12, y + 12)];
        area.draw(&Rectangle::new(square, color(state).filled()))?;
        area.draw_text(&label, &style, (x + 17, y + 6))?;
        x += width;
    }
    let stranger = outcome.hosts.len() - 1;
    let style = text(12, MISHAP, HPos::Left, VPos::Center);
    for (number, mishap) in outcome.schedule.iter().enumerate() {
        let (column, row) = (number % 4, number / 4);
        let (name, _) = mishap.kind.expectation();
        let host = &outcome.hosts[mishap.kind.host(stranger)].name;
        let place = (
            i32::try_from(column)? * 300,
            y + 32 + i32::try_from(row)? * LEGEND_ROW,
        );
        area.draw_text(&format!("{}  {name}: {host}", number + 1), &style, place)?;
    }
    Ok(())
}

fn flood_begin(outcome: &Outcome) -> Option<Instant> {
    let flood = |kind| matches!(kind, Kind::Flood { .. });
    outcome
        .schedule
        .iter()
        .find(|mishap| flood(mishap.kind))
        .map(|mishap| mishap.begin)
}
