//! Draws the tokens of the limiter over time.

use core::ops::Range;

use lankeeper::Instant;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::drawing::{Area, FAINT, Fallible, INK, minutes, text};
use crate::mishap::{HUB, Kind};
use crate::plot::NAMES;
use crate::report::rows;
use crate::simulation::Outcome;

/// The period around the flood: seconds before and after its beginning.
const BEFORE_FLOOD: f64 = 1.0;
const AFTER_FLOOD: f64 = 9.0;
/// The tokens refilled per second, and the capacity (RATE-1).
const REFILL: f64 = 25.0;
const BURST: f64 = 100.0;
/// More columns than the drawing has pixels.
const COLUMNS: f64 = 1_000.0;

const FLOODER: RGBColor = RGBColor(0xc9, 0x3a, 0x2e);
const HUB_INK: RGBColor = RGBColor(0x1f, 0x5f, 0xa8);
const OTHERS: RGBColor = RGBColor(0xa9, 0xb1, 0xbb);

/// Draws the tokens of every device: for the whole run in minutes, or around the flood in seconds.
pub fn draw_tokens(area: &Area<'_>, outcome: &Outcome, flood: Option<Instant>) -> Fallible<()> {
    let (caption, unit, range) = match flood {
        None => (
            "Tokens of the limiter",
            "virtual minutes",
            0.0..minutes(outcome.end),
        ),
        Some(_) => (
            "Around the flood",
            "seconds from its beginning",
            -BEFORE_FLOOD..AFTER_FLOOD,
        ),
    };
    let mut chart = ChartBuilder::on(area)
        .caption(caption, text(17, INK, HPos::Left, VPos::Top))
        .margin_right(16)
        .x_label_area_size(42)
        .y_label_area_size(if flood.is_none() { NAMES } else { 52 })
        .build_cartesian_2d(range.clone(), 0.0..BURST + 4.0)?;
    chart
        .configure_mesh()
        .x_desc(unit)
        .x_labels(11)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_labels(6)
        .y_label_formatter(&|tokens| format!("{tokens:.0}"))
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .label_style(text(13, INK, HPos::Center, VPos::Top))
        .draw()?;

    let flooder = outcome
        .schedule
        .iter()
        .find_map(|mishap| match mishap.kind {
            Kind::Flood { node } => Some(node),
            _ => None,
        });
    let x = |second: f64| match flood {
        None => second / 60.0,
        Some(begin) => second - seconds(begin),
    };
    // Draws the important hosts last, so that their lines are on top.
    let (mut hosts, _) = rows(outcome);
    hosts.sort_by_key(|host| (Some(*host) == flooder, *host == HUB));
    let first_other = hosts.first().copied();
    for host in hosts {
        let (ink, label) = match host {
            _ if Some(host) == flooder => (FLOODER, Some(outcome.hosts[host].name.as_str())),
            HUB => (HUB_INK, Some("hub")),
            _ => (OTHERS, (Some(host) == first_other).then_some("others")),
        };
        let line = tokens(&outcome.hosts[host].tokens, seconds(outcome.end))
            .into_iter()
            .map(|(second, tokens)| (x(second), tokens))
            .collect();
        let line = thinned(clipped(line, &range), &range);
        let series = chart.draw_series(LineSeries::new(line, ink.stroke_width(2)))?;
        if let Some(label) = label {
            series
                .label(label)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], ink.stroke_width(2)));
        }
    }
    if flood.is_some() {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font(text(13, INK, HPos::Left, VPos::Top))
            .background_style(WHITE.mix(0.9))
            .border_style(FAINT)
            .draw()?;
    }
    Ok(())
}

/// Returns the line through the samples: between two of them, tokens refill up to the capacity.
fn tokens(samples: &[(Instant, u32)], end: f64) -> Vec<(f64, f64)> {
    let mut line: Vec<(f64, f64)> = Vec::new();
    let samples = samples
        .iter()
        .map(|(at, tokens)| (seconds(*at), f64::from(*tokens)));
    for (second, tokens) in samples.chain([(end, BURST)]) {
        if let Some((before, from)) = line.last().copied() {
            let refilled = before + (tokens - from).max(0.0) / REFILL;
            line.push((refilled.min(second), tokens.max(from)));
            line.push((second, tokens.max(from)));
        }
        line.push((second, tokens));
    }
    line
}

/// Clips a line to a range of x.
fn clipped(line: Vec<(f64, f64)>, range: &Range<f64>) -> Vec<(f64, f64)> {
    let cut = |(x0, y0): (f64, f64), (x1, y1): (f64, f64), x: f64| {
        (x, y0 + (y1 - y0) * (x - x0) / (x1 - x0))
    };
    let mut part = Vec::new();
    for pair in line.windows(2) {
        let (mut from, mut to) = (pair[0], pair[1]);
        if to.0 < range.start || from.0 > range.end {
            continue;
        }
        if from.0 < range.start {
            from = cut(from, to, range.start);
        }
        if to.0 > range.end {
            to = cut(from, to, range.end);
        }
        part.extend([from, to]);
    }
    part
}

/// Removes points that do not change the drawing: in each column, only the first, lowest, highest
/// and last point remain.
fn thinned(line: Vec<(f64, f64)>, range: &Range<f64>) -> Vec<(f64, f64)> {
    let column = |x: f64| ((x - range.start) / (range.end - range.start) * COLUMNS) as u32;
    let mut thin = Vec::new();
    for points in line.chunk_by(|first, second| column(first.0) == column(second.0)) {
        let by_tokens = |one: &&(f64, f64), other: &&(f64, f64)| one.1.total_cmp(&other.1);
        let lowest = points.iter().min_by(by_tokens);
        let highest = points.iter().max_by(by_tokens);
        let mut kept: Vec<_> = [points.first(), lowest, highest, points.last()]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        kept.dedup();
        thin.extend(kept);
    }
    thin
}

/// Converts an instant to seconds.
fn seconds(at: Instant) -> f64 {
    at.as_micros() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_falls_at_once_and_rises_by_the_refill() {
        let at = |millis: u64| Instant::from_micros(millis * 1_000);
        let samples = [(at(0), 100), (at(1_000), 50), (at(5_000), 99)];
        let line = tokens(&samples, 6.0);
        let mut shape = vec![(0.0, 100.0), (1.0, 100.0), (1.0, 50.0)];
        shape.extend([(2.96, 99.0), (5.0, 99.0), (5.04, 100.0), (6.0, 100.0)]);
        let mut points = line.into_iter();
        for expected in shape {
            assert!(
                points.any(|point| point == expected),
                "{expected:?} is missing"
            );
        }
    }

    #[test]
    fn lines_are_cut_where_the_range_ends() {
        let line = vec![(0.0, 0.0), (10.0, 100.0)];
        assert_eq!(
            clipped(line.clone(), &(2.0..4.0)),
            [(2.0, 20.0), (4.0, 40.0)]
        );
        assert_eq!(clipped(line, &(11.0..12.0)), []);
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let line: Vec<_> = (1..10_000)
            .map(|i| (f64::from(i) / 1e9, f64::from(i * 7 % 101)))
            .collect();
        let thin = thinned(line.clone(), &(0.0..1.0));
        assert_eq!(thin.len(), 4);
        assert_eq!((thin.first(), thin.last()), (line.first(), line.last()));
        assert!(thin.iter().any(|point| point.1 == 100.0));
    }
}
