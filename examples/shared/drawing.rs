//! Helpers for the drawings of several examples.

use lankeeper::{Instant, State};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// An area of the drawing.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// The result of a drawing function.
pub type Fallible<T> = Result<T, Box<dyn core::error::Error>>;

/// The colour of text and axes.
pub const INK: RGBColor = RGBColor(0x2b, 0x2f, 0x36);
/// The colour of lines in the background.
pub const FAINT: RGBColor = RGBColor(0xdd, 0xe1, 0xe6);
/// The colour of mishaps.
pub const MISHAP: RGBColor = RGBColor(0x8a, 0x5a, 0x00);
/// The smallest width of a state, in pixels, so that short ones stay visible.
pub const NARROWEST: f64 = 1.6;

/// Returns a text style.
pub fn text(size: u32, color: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    ("sans-serif", size)
        .into_font()
        .color(&color)
        .pos(Pos::new(horizontal, vertical))
}

/// Converts an instant to minutes.
pub fn minutes(at: Instant) -> f64 {
    at.as_micros() as f64 / 60e6
}

/// Returns the colour of a state.
pub fn color(state: State) -> RGBColor {
    match state {
        State::Connected => RGBColor(0x6f, 0xc0, 0x8b),
        State::Starting => RGBColor(0xf0, 0xc8, 0x4b),
        State::EthernetLinkUp => RGBColor(0x8f, 0xc3, 0xec),
        State::EthernetDhcping => RGBColor(0x2f, 0x6f, 0xbd),
        State::EthernetStopped => RGBColor(0xe8, 0x8b, 0x3a),
        State::EthernetStoppedNoLink => RGBColor(0xc9, 0x3a, 0x2e),
        State::EthernetStoppedUnhappy => RGBColor(0x8e, 0x2f, 0x73),
        State::WifiScanning => RGBColor(0xc9, 0xb6, 0xe8),
        State::WifiJoining => RGBColor(0x9a, 0x7f, 0xd1),
        State::WifiLinkUp => RGBColor(0x4f, 0xb9, 0xc4),
        State::WifiDhcping => RGBColor(0x1f, 0x7f, 0x8c),
        State::WifiStopped => RGBColor(0xe0, 0x6c, 0x9f),
        State::WifiStoppedUnhappy => RGBColor(0x5e, 0x1f, 0x5c),
        State::CellularPinging => RGBColor(0xd8, 0xe2, 0xa0),
        State::CellularWaitingForSim => RGBColor(0xb5, 0xc9, 0x5f),
        State::CellularRegistering => RGBColor(0x8a, 0xa3, 0x33),
        State::CellularPppConnecting => RGBColor(0x5c, 0x73, 0x1a),
        State::CellularStopped => RGBColor(0xb0, 0x7d, 0x56),
        State::CellularStoppedUnhappy => RGBColor(0x6b, 0x45, 0x2b),
        State::CellularRegistrationDenied => RGBColor(0xa1, 0x2c, 0x2c),
        _ => RGBColor(0xc4, 0xc9, 0xd0),
    }
}
