//! Every file of `cases/post-room`, as a clerk opens it.
