//! What the action of every peer works on: a deadline, and a count of what was taken.

/// The configured spans, in microseconds.
#[derive(Clone)]
pub struct Spans {
    pub start: u64,
    pub scan: u64,
    pub join: u64,
    pub wps: u64,
    pub dhcp: u64,
    pub stable: u64,
    pub retry: u64,
}

#[derive(Clone)]
pub struct Book {
    pub spans: Spans,
    pub deadline: Option<u64>,
    pub taken: u32,
}

impl Book {
    pub const fn new() -> Self {
        Self {
            spans: Spans {
                start: 10_000_000,
                scan: 15_000_000,
                join: 20_000_000,
                wps: 120_000_000,
                dhcp: 30_000_000,
                stable: 300_000_000,
                retry: 1_000_000,
            },
            deadline: None,
            taken: 0,
        }
    }

    pub fn arm(&mut self, now: u64, span: u64) {
        self.deadline = Some(now.saturating_add(span));
        self.count();
    }

    pub fn disarm(&mut self) {
        self.deadline = None;
        self.count();
    }

    pub fn count(&mut self) {
        self.taken = self.taken.wrapping_add(1);
    }
}
