//! What a model of the server connection has found.

mod found;
