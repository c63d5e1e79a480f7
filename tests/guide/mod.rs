//! The pages and pictures of `src/guide`, held against the running code.

mod backend;
mod codes;
mod defaults;
mod links;
mod names;
mod page;
#[cfg(feature = "sim")]
mod policies;
mod readme;
mod recovery;
mod sequence;
mod shown;
mod source;
mod stops;
mod supported;
mod switch;
