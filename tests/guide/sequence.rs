//! Sequence diagrams as SVG: who says what to whom, from top to bottom.

use core::fmt::Write;

/// A picture of a run.
pub(super) struct Sequence {
    /// What a reader who cannot see the picture is told.
    pub(super) label: &'static str,
    pub(super) lanes: Vec<Lane>,
    pub(super) messages: Vec<Message>,
}

/// One who speaks and listens.
pub(super) struct Lane {
    pub(super) name: &'static str,
    /// Where it stands, from the left.
    pub(super) x: u32,
}

/// What one lane says to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
    /// Whether it changes something; one that does not is dashed.
    pub(super) counts: bool,
}

const HEAD: u32 = 64;
const ROW: u32 = 26;
const WIDTH: u32 = 900;

impl Sequence {
    /// The picture, on a ground of its own, so that it can be read on a light and on a dark page.
    pub(super) fn drawn(&self) -> String {
        let height = HEAD + ROW * u32::try_from(self.messages.len() + 1).unwrap();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\" \
             viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
             font-family=\"Helvetica,Arial,sans-serif\" font-size=\"12\" fill=\"#1a1a1a\" \
             style=\"min-width:700px;max-width:100%;height:auto;border-radius:6px\">\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fcfcfa\"/>\n",
            escaped(self.label),
        );
        for lane in &self.lanes {
            svg.push_str(&lane.drawn(height));
        }
        for (number, message) in (1..).zip(&self.messages) {
            svg.push_str(&self.arrow(message, HEAD + ROW * number - ROW / 4));
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn arrow(&self, message: &Message, y: u32) -> String {
        let (from, to) = (self.lanes[message.from].x, self.lanes[message.to].x);
        let (color, dashes) = match (message.counts, from < to) {
            (false, _) => ("#7a7f87", " stroke-dasharray=\"5,3\""),
            (true, true) => ("#1f4e8c", ""),
            (true, false) => ("#2f8a3c", ""),
        };
        // The text stands in the gap beside the lane that is not the manager's neighbour.
        let near = if from < to { message.to } else { message.from };
        let middle = (self.lanes[near - 1].x + self.lanes[near].x) / 2;
        let (end, back) = if from < to { (to - 8, -9) } else { (to + 8, 9) };
        let tip = if from < to { to - 1 } else { to + 1 };
        format!(
            "<path d=\"M{from},{y}H{end}\" fill=\"none\" stroke=\"{color}\" \
             stroke-width=\"1.6\"{dashes}/>\n\
             <path d=\"M{tip},{y}l{back},-4v8z\" fill=\"{color}\"/>\n\
             <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
            y - 5,
            escaped(&message.text),
        )
    }
}

impl Lane {
    fn drawn(&self, height: u32) -> String {
        let (x, left) = (self.x, self.x - 65);
        let mut svg = String::new();
        writeln!(
            svg,
            "<path d=\"M{x},46V{}\" stroke=\"#7a7f87\" stroke-dasharray=\"2,3\"/>",
            height - 12,
        )
        .unwrap();
        writeln!(
            svg,
            "<rect x=\"{left}\" y=\"14\" width=\"130\" height=\"32\" rx=\"8\" fill=\"#e3edfa\" \
             stroke=\"#4a78b5\" stroke-width=\"1.2\"/>\n\
             <text x=\"{x}\" y=\"34\" text-anchor=\"middle\" font-weight=\"bold\" \
             font-size=\"13\">{}</text>",
            escaped(self.name),
        )
        .unwrap();
        svg
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
