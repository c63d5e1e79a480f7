//! The server connection: who is tried, what comes of it, what becomes of a loss.

mod device;
mod given;
mod local;
mod loss;
mod order;
mod requests;
mod results;
mod suspend;
mod switch;
mod table;
