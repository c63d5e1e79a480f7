//! What `defmt` would send for a value: format strings as numbers, their arguments as bytes.

use core::cell::RefCell;

use defmt::Format;

thread_local! {
    static SENT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[defmt::global_logger]
struct Sink;

// SAFETY: each thread has its own buffer, and nothing interrupts the thread.
unsafe impl defmt::Logger for Sink {
    fn acquire() {}

    unsafe fn flush() {}

    unsafe fn release() {}

    unsafe fn write(bytes: &[u8]) {
        SENT.with_borrow_mut(|sent| sent.extend(bytes));
    }
}

defmt::timestamp!("{=u8}", 0);

#[defmt::panic_handler]
fn stop() -> ! {
    panic!("defmt stopped");
}

/// The bytes that would be sent for a value.
pub(crate) fn sent(value: &impl Format) -> Vec<u8> {
    defmt::println!("{}", value);
    SENT.with_borrow_mut(core::mem::take)
}

/// The same as text.
pub(crate) fn logged(value: &impl Format) -> String {
    String::from_utf8_lossy(&sent(value)).into_owned()
}

// spec: SEC-1
#[test]
fn the_log_contains_what_is_displayed() {
    assert!(logged(&"a text").contains("a text"));
    assert!(logged(b"ab").contains("ab"));
    assert!(logged(&defmt::Debug2Format(&7)).contains('7'));
}
