#![no_main]

lankeeper_fuzz::target!("model");
