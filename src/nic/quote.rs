//! A piece of what the user wrote, short and harmless enough for an error.

use core::fmt;

use heapless::String;

/// The first 24 bytes of a text that was given, as it may stand in a log line.
///
/// Shown in quotation marks, with every byte that is not printable ASCII escaped, and with `…`
/// where something was left out.
#[derive(Clone, PartialEq, Eq)]
pub struct Quote {
    start: String<24, u8>,
    cut: bool,
}

impl Quote {
    pub(super) fn new(text: &str) -> Self {
        let mut start = String::new();
        // Stops at the first character that does not fit, so a long text costs no more than a
        // short one.
        let cut = text.chars().any(|character| start.push(character).is_err());
        Self { start, cut }
    }

    /// Leaves out what stands from the first `:` or `@` on: in what should be an address it may be
    /// a password.
    pub(super) fn without_credentials(text: &str) -> Self {
        match text.split_once([':', '@']) {
            Some((harmless, _)) => Self {
                cut: true,
                ..Self::new(harmless)
            },
            None => Self::new(text),
        }
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
