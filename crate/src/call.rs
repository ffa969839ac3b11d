//! Closures behind a pointer.

/// What `dyn Fn(Arguments) -> Output` is, but compiled once: the table of a `dyn Fn` has the code a second time, to be
/// called by value.
pub trait Call<Arguments, Output = ()> {
    fn call(&self, arguments: Arguments) -> Output;
}

impl<Arguments, Output, F: Fn(Arguments) -> Output> Call<Arguments, Output> for F {
    fn call(&self, arguments: Arguments) -> Output {
        self(arguments)
    }
}
