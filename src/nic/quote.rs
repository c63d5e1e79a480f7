//! A piece of what the user wrote, short and harmless enough for an error.

use core::fmt;

use heapless::String;

use super::place::put_text;

/// How much of a text is quoted, in bytes.
const LONGEST: usize = 24;

/// The first 24 bytes of a text that was given, as it may stand in a log line.
///
/// Shown in quotation marks, with every byte that is not printable ASCII escaped, and with `…`
/// where something was left out.
#[derive(Clone, PartialEq, Eq)]
pub struct Quote {
    start: String<LONGEST, u8>,
    cut: bool,
}

impl Quote {
    pub(super) fn new(text: &str) -> Self {
        Self::start(text, LONGEST)
    }

    /// Leaves out what stands from the first `:` or `@` on: in what should be an address it may be
    /// a password.
    pub(super) fn without_credentials(text: &str) -> Self {
        let credentials =
            (0..LONGEST).find(|at| matches!(text.as_bytes().get(*at), Some(b':' | b'@')));
        Self::start(text, credentials.unwrap_or(LONGEST))
    }

    /// The longest start of at most so many bytes that does not split a character, in a time that
    /// does not depend on the text's length.
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

    /// Whether it can be shown without quotation marks and still be told from the text around it.
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
