//! Every guest is an example of this package; see README.md.
