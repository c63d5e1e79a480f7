//! A hub and its sensor nodes on a simulated LAN.
fn main() {}
