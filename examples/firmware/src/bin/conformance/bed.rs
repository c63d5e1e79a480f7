//! The bed: the board, and whoever handles the world around it, who is asked by a printed line and
//! answers with a file.

use core::fmt::{self, Write};

use cortex_m_semihosting::{hprintln, nr, syscall};
use lankeeper::conformance::{Bed, Change, Service, Traffic};
use lankeeper::{Duration, Instant};

use crate::backend::Firmware;
use crate::command_line;

/// How long to wait between two looks for an answer.
const LOOK: Duration = Duration::from_millis(5);

pub struct BoardBed {
    backend: &'static mut Firmware,
    /// How often somebody was asked.
    asked: u32,
}

impl BoardBed {
    pub fn new(backend: &'static mut Firmware) -> Self {
        backend.wake();
        Self { backend, asked: 0 }
    }

    /// Asks for something, and waits for the answer: a number.
    fn ask(&mut self, what: fmt::Arguments<'_>) -> Option<u32> {
        self.asked += 1;
        let mut line = [0; command_line::LONGEST];
        // The folder for answers is the last word.
        let folder = command_line::read(&mut line)?.rsplit(' ').next()?;
        let mut path = Text::default();
        write!(path, "{folder}/{}\0", self.asked).ok()?;
        hprintln!("world: {} {}", self.asked, what);
        loop {
            let mut answer = [0; 16];
            if let Some(answer) = read_file(&path, &mut answer) {
                return answer.trim().parse().ok();
            }
            let now = self.backend.clock.now();
            while self.backend.clock.now() < now.saturating_add(LOOK) {}
        }
    }
}

impl Bed for BoardBed {
    type Backend = Firmware;

    fn backend(&mut self) -> &mut Firmware {
        self.backend
    }

    fn now(&mut self) -> Instant {
        self.backend.clock.now()
    }

    fn wait(&mut self, until: Instant) {
        self.backend.wait(Some(until));
        self.backend.wake();
    }

    fn change(&mut self, change: Change) -> bool {
        let answer = match change {
            Change::Cable(is_plugged) => self.ask(format_args!("cable {}", is_plugged)),
            Change::Dhcp(Service::Works) => self.ask(format_args!("forwards true")),
            Change::Dhcp(Service::IsSilent) => self.ask(format_args!("forwards false")),
            Change::Server(Service::Works) => self.ask(format_args!("server works")),
            Change::Server(Service::Refuses) => self.ask(format_args!("server refuses")),
            Change::Server(Service::IsSilent) => self.ask(format_args!("server is_silent")),
            Change::ServerHangsUp => self.ask(format_args!("server hangs_up")),
            Change::ServerResets => self.ask(format_args!("server resets")),
            Change::Datagram(_, length) => self.ask(format_args!("datagram {}", length)),
            _ => None,
        };
        answer == Some(1)
    }

    fn count(&mut self, traffic: Traffic) -> Option<u32> {
        match traffic {
            Traffic::Frames => self.ask(format_args!("frames")),
            Traffic::Datagrams => self.ask(format_args!("datagrams")),
            _ => None,
        }
    }
}

/// A text in static memory.
struct Text {
    bytes: [u8; command_line::LONGEST],
    length: usize,
}

impl Default for Text {
    fn default() -> Self {
        let bytes = [0; command_line::LONGEST];
        Self { bytes, length: 0 }
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let rest = self.bytes.get_mut(self.length..).ok_or(fmt::Error)?;
        let place = rest.get_mut(..text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

/// Reads a file of the host, whose name ends with a zero; `None` if there is none.
fn read_file<'a>(path: &Text, buffer: &'a mut [u8]) -> Option<&'a str> {
    // A failure is all ones.
    const FAILED: usize = usize::MAX;
    let open = [path.bytes.as_ptr() as usize, nr::open::R, path.length - 1];
    // SAFETY: the debugger reads the name, and no more of it than the length that goes with it.
    let file = unsafe { syscall(nr::OPEN, &open) };
    if file == FAILED {
        return None;
    }
    let read = [file, buffer.as_mut_ptr() as usize, buffer.len()];
    // SAFETY: the debugger writes at most the given length.
    let missing = unsafe { syscall(nr::READ, &read) };
    // SAFETY: the file is open.
    unsafe { syscall(nr::CLOSE, &[file]) };
    core::str::from_utf8(buffer.get(..buffer.len().checked_sub(missing)?)?).ok()
}
