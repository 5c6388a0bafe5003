//! A connection that ends after any byte, for tests.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Passes on so many bytes, of both directions together, and then nothing.
pub(super) async fn pass(mut one: DuplexStream, mut two: DuplexStream, most: usize) -> usize {
    let mut passed = 0;
    let (mut left, mut right) = ([0], [0]);
    while passed < most {
        let ended = tokio::select! {
            read = one.read(&mut left) => read.unwrap_or(0) == 0 || two.write_all(&left).await.is_err(),
            read = two.read(&mut right) => read.unwrap_or(0) == 0 || one.write_all(&right).await.is_err(),
        };
        if ended {
            break;
        }
        passed += 1;
    }
    passed
}
