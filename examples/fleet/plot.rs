//! Draws how many devices of a fleet connect in each second after an outage.

use core::fmt::Write as _;

use crate::simulation::SECOND;

/// A line of the drawing: its name, its colour, and when devices connected.
pub struct Line<'a> {
    pub name: &'a str,
    pub color: &'a str,
    pub times: &'a [u64],
}

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 34.0;
const RIGHT: f64 = 16.0;
const BOTTOM: f64 = 44.0;
const INK: &str = "#2b2f36";
const FAINT: &str = "#dde1e6";

/// An SVG of so many seconds since the loss, up to this share of the fleet in one of them. The server
/// is away until `back`.
pub fn draw(lines: &[Line<'_>], devices: u32, back: u64, seconds: u32, highest: f64) -> String {
    let x = |second: f64| LEFT + second / f64::from(seconds) * (WIDTH - LEFT - RIGHT);
    let y = |share: f64| HEIGHT - BOTTOM - share / highest * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"Devices that connect in \
         each second after an outage\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"Helvetica,Arial,sans-serif\" font-size=\"12\" \
         fill=\"{INK}\" style=\"min-width:700px;max-width:100%;height:auto;border-radius:6px\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fcfcfa\"/>\n"
    );
    let mut add = |text: String| {
        let _ = writeln!(svg, "{text}");
    };
    let (bottom, end) = (y(0.0), x(f64::from(seconds)));
    let away = x(back as f64 / SECOND as f64) - LEFT;
    add(format!(
        "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{away:.1}\" height=\"{:.1}\" fill=\"#f3ead9\"/>",
        bottom - TOP
    ));
    for percent in (0..=(highest * 100.0).round() as u32).step_by(5) {
        let at = y(f64::from(percent) / 100.0);
        add(format!(
            "<line x1=\"{LEFT}\" x2=\"{end:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"{FAINT}\"/>"
        ));
        add(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>",
            LEFT - 6.0,
            at + 4.0
        ));
    }
    for second in (0..=seconds).step_by(10) {
        add(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{second}</text>",
            x(f64::from(second)),
            bottom + 16.0
        ));
    }
    add(format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">seconds since the loss; the server is \
         away in the shaded part</text>",
        (LEFT + end) / 2.0,
        HEIGHT - 10.0
    ));
    for (place, line) in lines.iter().enumerate() {
        let mut points = String::new();
        for second in 0..u64::from(seconds) {
            let within = (second * SECOND)..((second + 1) * SECOND);
            let count = line
                .times
                .iter()
                .filter(|time| within.contains(time))
                .count();
            let at = y(count as f64 / f64::from(devices));
            // A step for each second.
            let (from, to) = (x(second as f64), x((second + 1) as f64));
            let _ = write!(points, "{from:.1},{at:.1} {to:.1},{at:.1} ");
        }
        add(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"/>",
            points.trim_end(),
            line.color
        ));
        add(format!(
            "<text x=\"{:.1}\" y=\"22\" fill=\"{}\">{}</text>",
            LEFT + 220.0 * place as f64,
            line.color,
            line.name
        ));
    }
    svg.push_str("</svg>\n");
    svg
}
