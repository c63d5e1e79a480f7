//! Settings that survive a restart: their record, and the requests that change them.

mod damage;
mod parts;
mod record;
mod requests;
mod restart;
mod samples;
mod sealing;
