//! The words that the device is started with: the debugger's, or those of the build.

use core::net::SocketAddrV4;

use cortex_m_semihosting::{nr, syscall};

/// The server, as `ADDRESS:PORT`: the first word after the program's name, else what `SERVER` was
/// when this was built.
pub fn server() -> Option<SocketAddrV4> {
    let mut text = [0; 64];
    let word = read(&mut text).and_then(|line| line.split(' ').nth(1));
    word.or(option_env!("SERVER"))?.parse().ok()
}

/// The debugger's words, joined by spaces.
fn read(text: &mut [u8]) -> Option<&str> {
    let block = [text.as_mut_ptr() as usize, text.len()];
    // SAFETY: the debugger writes at most the given length, and then the length into the block.
    let status = unsafe { syscall(nr::GET_CMDLINE, &block) };
    // SAFETY: ours; the compiler does not know that it was written to.
    let length = unsafe { core::ptr::read_volatile(&block[1]) };
    if status != 0 {
        return None;
    }
    core::str::from_utf8(text.get(..length)?).ok()
}
