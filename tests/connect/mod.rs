//! The server connection: the order of interfaces, results of attempts, and recovery from a loss.

mod address;
mod delays;
mod device;
mod given;
mod keep_trying;
mod local;
mod loss;
mod news;
mod numbers;
mod order;
mod requests;
mod results;
mod rows;
mod select;
mod spread;
mod suspend;
mod switch;
mod table;
