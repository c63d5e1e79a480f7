//! A short, escaped excerpt of the input, safe to show in an error.

use core::fmt;

use heapless::String;

use super::place::{put_text, wipe_text};

/// The longest excerpt, in bytes.
const LONGEST: usize = 24;

/// The first 24 bytes of an input text, safe to write to a log line.
///
/// Displays in quotation marks, with every character that is not printable ASCII escaped, and with
/// `…` where the text was cut.
#[derive(Clone, PartialEq, Eq)]
pub struct Quote {
    start: String<LONGEST, u8>,
    cut: bool,
}

impl Quote {
    pub(super) fn new(text: &str) -> Self {
        Self::start(text, LONGEST)
    }

    /// Quotes only what comes before the first `:` or `@`: where an address was expected, the rest
    /// may be a password.
    pub(super) fn without_credentials(text: &str) -> Self {
        let credentials =
            (0..LONGEST).find(|at| matches!(text.as_bytes().get(*at), Some(b':' | b'@')));
        Self::start(text, credentials.unwrap_or(LONGEST))
    }

    /// Quotes at most `most` bytes from the start, without splitting a character. Takes constant
    /// time, whatever the length of the text.
    fn start(text: &str, most: usize) -> Self {
        let start = (0..=most).rev().find_map(|length| text.get(..length));
        let start = start.unwrap_or_default();
        let mut quote = Self {
            start: String::new(),
            cut: start.len() < text.len(),
        };
        put_text(&mut quote.start, start);
        quote
    }

    /// Wipes every byte.
    pub(super) fn wipe(&mut self) {
        wipe_text(&mut self.start);
    }

    /// Whether it is unambiguous without quotation marks.
    pub(super) fn is_plain(&self) -> bool {
        !self.start.is_empty()
            && !self.cut
            && self
                .start
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    }

    pub(super) fn as_str(&self) -> &str {
        &self.start
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.cut { "…" } else { "" };
        write!(f, "\"{}{mark}\"", self.start.escape_default())
    }
}

impl fmt::Debug for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Quote {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}
