//! The command line: the debugger's, or a default from the build.

use core::net::SocketAddrV4;

use cortex_m_semihosting::{nr, syscall};

/// The longest command line.
pub const LONGEST: usize = 128;

/// Returns the server as `ADDRESS:PORT`: the first argument, or `SERVER` at build time.
pub fn server() -> Option<SocketAddrV4> {
    let mut text = [0; LONGEST];
    let word = read(&mut text).and_then(|line| line.split(' ').nth(1));
    word.or(option_env!("SERVER"))?.parse().ok()
}

/// Reads the command line from the debugger.
pub fn read(text: &mut [u8]) -> Option<&str> {
    let block = [text.as_mut_ptr() as usize, text.len()];
    // SAFETY: the debugger writes at most the given length, and then stores the actual length in
    // the block.
    let status = unsafe { syscall(nr::GET_CMDLINE, &block) };
    // SAFETY: the block is ours; a volatile read, because the compiler does not know that the
    // debugger changed it.
    let length = unsafe { core::ptr::read_volatile(&block[1]) };
    if status != 0 {
        return None;
    }
    core::str::from_utf8(text.get(..length)?).ok()
}
