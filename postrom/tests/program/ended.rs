//! A mail that ends the process.
