//! The suite of the `Provisioner` port, on the engine in memory and on a real one.

mod inside;
mod lifecycle;
mod ownership;
pub mod terminals;
pub mod world;

/// Makes a test of each case on each engine.
macro_rules! contract {
    ($($case:ident),* $(,)?) => {
        mod fake {
            $(#[tokio::test]
            async fn $case() {
                crate::contract::provisioner::world::on_fake(super::$case).await;
            })*
        }

        mod docker {
            $(#[tokio::test]
            async fn $case() {
                crate::contract::provisioner::world::on_docker(super::$case).await;
            })*
        }
    };
}
pub(crate) use contract;
