//! The search itself: places and stacks that are prepared, used and looked at.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::process::ExitCode;
use std::ptr;

/// What no memory may contain afterwards, and nothing else contains by chance. 64 bytes are the
/// longest secret; each of its starts is one too.
pub(crate) const SECRET: &str = "Zq7-mArk3r~Wx9^vJt2!Ub5_Kd8&Hc4=Py6$Gf1%Ls0*Tn3?Ei9+Oz7|Rw5#Bj2@";
/// A secret of the form that only 64 hexadecimal digits have.
pub(crate) const HEXADECIMAL: &str =
    "E81b6f04D97a2c5e30F4b8d1A6c97e25f0B3d84aC1e62f79b50D8a3cE4f71b96";
/// How much of the stack is prepared and searched: more than anything here uses.
const DEPTH: usize = 48 * 1024;
/// Every piece of this length is looked for, because what overwrites a secret may leave a part.
const PIECE: usize = 4;

/// What was searched, and what was found.
#[derive(Default)]
pub(crate) struct Search {
    searched: usize,
    found: Vec<String>,
    clean: Vec<String>,
}

impl Search {
    /// Searches the own bytes of a value that is made where former secrets lie, as somebody's moves
    /// leave them behind, and is then dropped.
    pub(crate) fn own<T>(&mut self, what: &str, make: impl FnOnce() -> T) {
        let mut place = place(SECRET.as_bytes());
        soil();
        put(&mut place, make);
        drop_in(&mut place);
        self.note(what, has_piece(bytes_of(&*place)));
    }

    /// Searches the own bytes of a value that is made at a clean place and used there, and is then
    /// dropped.
    pub(crate) fn used_up<T>(
        &mut self,
        what: &str,
        make: impl FnOnce() -> T,
        act: impl FnOnce(&mut T),
    ) {
        let mut place = place(&[0]);
        clean();
        put(&mut place, make);
        // SAFETY: the place was just filled.
        act(unsafe { place.assume_init_mut() });
        drop_in(&mut place);
        self.note(what, has_piece(bytes_of(&*place)));
    }

    /// Searches the own bytes of a value that is copied to a clean place and then changed there. It
    /// may be alive then: what it held before must be gone.
    pub(crate) fn replaced<T: Clone>(
        &mut self,
        what: &str,
        original: &T,
        change: impl FnOnce(&mut T),
    ) {
        let mut place = place(&[0]);
        clean();
        put(&mut place, || original.clone());
        clean();
        // SAFETY: the place was just filled.
        change(unsafe { place.assume_init_mut() });
        self.note(what, has_piece(bytes_of(&*place)));
        drop_in(&mut place);
        self.note(what, has_piece(bytes_of(&*place)));
    }

    /// Searches the stack that something used.
    pub(crate) fn stack(&mut self, what: &str, act: impl FnOnce()) {
        clean();
        run(act);
        let found = is_stack_soiled();
        self.note(what, found);
    }

    /// Searches the bytes of something that goes on living.
    pub(crate) fn alive<T: ?Sized>(&mut self, what: &str, value: &T) {
        self.note(what, has_piece(bytes_of(value)));
    }

    fn note(&mut self, what: &str, found: bool) {
        self.searched += 1;
        let list = if found {
            &mut self.found
        } else {
            &mut self.clean
        };
        if list.last().is_none_or(|last| last != what) {
            list.push(what.into());
        }
    }

    pub(crate) fn expect_none(self) -> ExitCode {
        println!("{} places searched", self.searched);
        for what in &self.found {
            println!("a secret is left: {what}");
        }
        ExitCode::from(u8::from(!self.found.is_empty()))
    }

    pub(crate) fn expect_all(self) -> ExitCode {
        println!("{} planted secrets searched", self.searched);
        for what in &self.clean {
            println!("planted, but not found: {what}");
        }
        ExitCode::from(u8::from(!self.clean.is_empty()))
    }
}

/// A place for a value, filled with a pattern.
fn place<T>(pattern: &[u8]) -> Box<MaybeUninit<T>> {
    let mut place = Box::new(MaybeUninit::<T>::uninit());
    let start = place.as_mut_ptr().cast::<u8>();
    for (index, byte) in (0..size_of::<T>()).zip(pattern.iter().cycle()) {
        // SAFETY: the bytes are inside the place.
        unsafe { ptr::write_volatile(start.add(index), *byte) };
    }
    place
}

#[inline(never)]
fn put<T>(place: &mut MaybeUninit<T>, make: impl FnOnce() -> T) {
    place.write(make());
}

#[inline(never)]
fn drop_in<T>(place: &mut MaybeUninit<T>) {
    // SAFETY: whoever calls this has put a value there, and does not use it afterwards.
    unsafe { place.assume_init_drop() };
}

#[inline(never)]
fn run(act: impl FnOnce()) {
    act();
}

/// Lets the compiler believe that a value is used.
pub(crate) fn used<T: ?Sized>(value: &T) {
    black_box(value);
}

/// Every byte of a value, padding and unused parts included.
fn bytes_of<T: ?Sized>(value: &T) -> Vec<u8> {
    let start = ptr::from_ref(value).cast::<u8>();
    // SAFETY: the bytes are inside the value. A volatile read returns some value even for bytes that
    // were never written.
    let byte = |index| unsafe { ptr::read_volatile(start.add(index)) };
    (0..size_of_val(value)).map(byte).collect()
}

fn has_piece(bytes: Vec<u8>) -> bool {
    let is_piece = |window: &[u8]| {
        [SECRET, HEXADECIMAL].iter().any(|secret| {
            secret
                .as_bytes()
                .windows(PIECE)
                .any(|piece| piece == window)
        })
    };
    // Most of what is searched is zero.
    bytes
        .windows(PIECE)
        .any(|window| window[0] != 0 && is_piece(window))
}

/// Fills the stack below with former secrets.
#[inline(never)]
fn soil() {
    let mut stack = [0_u8; DEPTH];
    for (byte, secret) in stack.iter_mut().zip(SECRET.bytes().cycle()) {
        *byte = secret;
    }
    black_box(&mut stack);
}

/// Overwrites whatever earlier calls have left on the stack below.
#[inline(never)]
fn clean() {
    black_box(&mut [0_u8; DEPTH]);
}

/// Whether earlier calls have left a piece of a secret on the stack below.
#[inline(never)]
fn is_stack_soiled() -> bool {
    let stack = MaybeUninit::<[u8; DEPTH - 8 * 1024]>::uninit();
    black_box(&stack);
    has_piece(bytes_of(&stack))
}
