//! Draws a run as SVG: the attempts and their results, and the states of the interfaces.

use core::ops::Range;

use lankeeper::{ConnectOutcome, Instant, ServerState, State};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::device::INTERFACES;
use crate::diary::Diary;
use crate::drawing::{Area, FAINT, Fallible, INK, MISHAP, NARROWEST, color, minutes, text};

const WIDTH: u32 = 1280;
const MARGIN: u32 = 24;
const TITLE: u32 = 44;
const ROW: u32 = 34;
/// The space around the rows: numbers of scenes above, the axis below.
const AROUND_ROWS: u32 = 66;
const LEGEND: u32 = 196;
const LEGEND_ROW: i32 = 19;
/// The width of the row names.
const NAMES: u32 = 92;
/// The pixels per letter that a connection must be wide to show the name of its network.
const LETTER: f64 = 8.0;

/// A row: its name, and its intervals in minutes, each with a colour and a label.
struct Track {
    name: String,
    intervals: Vec<(Range<f64>, RGBColor, String)>,
}

/// Draws the run.
pub fn draw(diary: &Diary) -> Fallible<String> {
    let tracks = tracks(diary);
    let rows = u32::try_from(tracks.len())? * ROW;
    let height = TITLE + rows + AROUND_ROWS + LEGEND + MARGIN;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        root.fill(&WHITE)?;
        let root = root.margin(0, 0, MARGIN, MARGIN);
        let (title, rest) = root.split_vertically(TITLE);
        let (states, legend) = rest.split_vertically(rows + AROUND_ROWS);
        let style = text(19, INK, HPos::Left, VPos::Center);
        title.draw_text("A device switches between Wi-Fi networks", &style, (0, 26))?;
        draw_tracks(&states, diary, &tracks)?;
        draw_legend(&legend, diary)?;
        root.present()?;
    }
    Ok(svg)
}

fn tracks(diary: &Diary) -> Vec<Track> {
    let end = diary.end;
    let attempts = diary.attempts.iter().flat_map(|attempt| {
        let until = attempt.until.unwrap_or(end);
        let (ended, outcome) = attempt.ended.unzip();
        let ended = ended.unwrap_or(until);
        let in_progress = (interval(attempt.at, ended), IN_PROGRESS, String::new());
        let connected = (outcome == Some(ConnectOutcome::ServerConnected)).then(|| {
            let colour = color(State::Connected);
            (interval(ended, until), colour, attempt.name.clone())
        });
        [Some(in_progress), connected].into_iter().flatten()
    });
    let mut tracks = vec![
        Track {
            name: "network".to_owned(),
            intervals: attempts.collect(),
        },
        Track {
            name: "server".to_owned(),
            intervals: intervals(&diary.server, end, color_of),
        },
    ];
    for (id, states) in INTERFACES.iter().zip(&diary.interfaces) {
        tracks.push(Track {
            name: id.to_string(),
            intervals: intervals(states, end, color),
        });
    }
    tracks
}

fn interval(since: Instant, until: Instant) -> Range<f64> {
    minutes(since)..minutes(until)
}

fn intervals<S: Copy>(
    states: &[(Instant, S)],
    end: Instant,
    color: fn(S) -> RGBColor,
) -> Vec<(Range<f64>, RGBColor, String)> {
    let ends = states.iter().skip(1).map(|(at, _)| *at).chain([end]);
    let pairs = states.iter().zip(ends);
    pairs
        .map(|((since, state), until)| (interval(*since, until), color(*state), String::new()))
        .collect()
}

/// Draws one row per track, and a numbered line per scene.
fn draw_tracks(area: &Area<'_>, diary: &Diary, tracks: &[Track]) -> Fallible<()> {
    let end = minutes(diary.end);
    let rows = tracks.len() as f64;
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
        .x_labels(20)
        .x_label_formatter(&|minute| format!("{minute:.0}"))
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .label_style(text(13, INK, HPos::Center, VPos::Top))
        .draw()?;

    let plotting = chart.plotting_area();
    let pixel = end / f64::from(plotting.dim_in_pixel().0);
    for (row, track) in tracks.iter().enumerate() {
        let (top, bottom) = (row as f64 + 0.16, row as f64 + 0.84);
        // Draws short intervals last, so that long ones do not cover them, and skips empty ones.
        let lasts = |(interval, ..): &&(Range<f64>, RGBColor, String)| !interval.is_empty();
        let mut intervals: Vec<_> = track.intervals.iter().filter(lasts).collect();
        intervals.sort_by(|(one, ..), (other, ..)| {
            let length = |interval: &Range<f64>| interval.end - interval.start;
            length(other).total_cmp(&length(one))
        });
        for (interval, color, label) in intervals {
            let right = interval
                .end
                .max(interval.start + NARROWEST * pixel)
                .min(end);
            let bar = [(interval.start, top), (right, bottom)];
            plotting.draw(&Rectangle::new(bar, color.filled()))?;
            let middle = (interval.start.midpoint(right), row as f64 + 0.5);
            if right - interval.start > LETTER * pixel * label.len() as f64 {
                let style = text(13, INK, HPos::Center, VPos::Center);
                plotting.draw(&Text::new(label.as_str(), middle, style))?;
            }
        }
        let middle = 24 + i32::try_from(row as u32 * ROW + ROW / 2)?;
        let style = text(13, INK, HPos::Right, VPos::Center);
        area.draw_text(&track.name, &style, (NAMES as i32 - 8, middle))?;
    }
    for (number, (at, _)) in (1..).zip(&diary.scenes) {
        let begin = minutes(*at);
        plotting.draw(&PathElement::new(
            [(begin, 0.0), (begin, rows)],
            MISHAP.stroke_width(1),
        ))?;
        let (x, y) = plotting.map_coordinate(&(begin, 0.0));
        let (left, top) = area.get_base_pixel();
        let style = text(13, MISHAP, HPos::Center, VPos::Bottom);
        area.draw_text(&number.to_string(), &style, (x - left, y - top - 5))?;
    }
    Ok(())
}

fn draw_legend(area: &Area<'_>, diary: &Diary) -> Fallible<()> {
    let mut entries = vec![("an attempt".to_owned(), IN_PROGRESS)];
    for state in State::ALL {
        if diary
            .interfaces
            .iter()
            .flatten()
            .any(|(_, of)| *of == state)
        {
            entries.push((format!("{} ({})", state.name(), state.code()), color(state)));
        }
    }
    for state in ServerState::ALL {
        let has_own = !matches!(state, ServerState::Connected | ServerState::Disconnected);
        if has_own && diary.server.iter().any(|(_, of)| *of == state) {
            entries.push((format!("server: {state}"), color_of(state)));
        }
    }
    let right = i32::try_from(WIDTH - 2 * MARGIN)?;
    let style = text(12, INK, HPos::Left, VPos::Center);
    let (mut x, mut y) = (0, 4);
    for (label, color) in entries {
        // Capitals of this size are less than eight pixels wide.
        let width = 17 + i32::try_from(label.len())? * 8;
        if x + width > right {
            (x, y) = (0, y + LEGEND_ROW);
        }
        let square = [(x, y), (x + 12, y + 12)];
        area.draw(&Rectangle::new(square, color.filled()))?;
        area.draw_text(&label, &style, (x + 17, y + 6))?;
        x += width;
    }
    let style = text(12, MISHAP, HPos::Left, VPos::Center);
    for (number, (_, scene)) in diary.scenes.iter().enumerate() {
        let (column, row) = (number % 2, number / 2);
        let place = (
            i32::try_from(column)? * (right / 2),
            y + 32 + i32::try_from(row)? * LEGEND_ROW,
        );
        area.draw_text(&format!("{}  {scene}", number + 1), &style, place)?;
    }
    Ok(())
}

/// The colour of an attempt in progress.
const IN_PROGRESS: RGBColor = RGBColor(0xf0, 0xa8, 0x6b);

fn color_of(state: ServerState) -> RGBColor {
    match state {
        ServerState::Connected => color(State::Connected),
        ServerState::WaitingForInterface => RGBColor(0xf0, 0xc8, 0x4b),
        ServerState::Resolving => RGBColor(0x8f, 0xc3, 0xec),
        ServerState::ReachingProxy => RGBColor(0x9a, 0x7f, 0xd1),
        ServerState::Connecting => RGBColor(0x2f, 0x6f, 0xbd),
        ServerState::Flushing => RGBColor(0x4f, 0xb9, 0xc4),
        ServerState::Waiting => RGBColor(0xe8, 0x8b, 0x3a),
        _ => RGBColor(0xc4, 0xc9, 0xd0),
    }
}
