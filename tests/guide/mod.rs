//! The pages and pictures of `src/guide`, held against the running code.

mod backend;
mod codes;
mod defaults;
mod links;
mod names;
mod page;
mod readme;
mod sequence;
mod shown;
mod source;
mod stops;
mod supported;
mod switch;
