//! Reconcilers against an engine in memory: what is wanted comes true, whatever happens on the way.

mod company;
mod failures;
mod interruptions;
mod lifecycle;
mod orgs;
mod restored;
mod world;
