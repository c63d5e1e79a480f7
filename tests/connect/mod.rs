//! The server connection: the order of interfaces, results of attempts, and recovery from a loss.

mod device;
mod given;
mod local;
mod loss;
mod numbers;
mod order;
mod requests;
mod results;
mod spread;
mod suspend;
mod switch;
mod table;
