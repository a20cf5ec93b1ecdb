//! A failover as an operator has it who runs Patroni: nobody but Patroni promotes anything.

use std::time::Instant;

use super::faults::load::Load;
use super::wait_for;
use crate::support::postgres::{Patroni, in_three_nets};

/// In its strict mode a receipt waits for the second machine also when there is none: then there is no receipt.
#[test]
#[ignore = "needs root, PostgreSQL, Patroni, etcd, nftables"]
fn nothing_is_lost_when_patroni_fails_over() {
    if !in_three_nets("postgres::patroni::nothing_is_lost_when_patroni_fails_over") {
        return;
    }
    let mut patroni = Patroni::start();
    let load = Load::start([patroni.settings("a"), patroni.settings("b")]);
    wait_for("receipts", 90, || (load.figures().receipts() > 100).then_some(()));
    let (first, since) = (patroni.leader().unwrap(), Instant::now());
    patroni.kill(first);
    patroni.wait_for("another leader", |patroni| patroni.leader() == Some(1 - first));
    let promoted = since.elapsed();
    // The machine comes back, and follows.
    patroni.begin(first);
    patroni.until_replicated();
    let before = load.figures();
    wait_for("receipts and deliveries of both nodes", 90, || {
        let figures = load.figures();
        (figures.all_more_than(&before) && figures.receipts() > 200).then_some(())
    });
    let well = since.elapsed();
    let told = load.end();
    eprintln!(
        "Patroni: another leader after {:.0} s, well again after {:.0} s; {told}",
        promoted.as_secs_f64(),
        well.as_secs_f64()
    );
    assert_eq!((told.lost, told.changed, told.undone), (0, 0, 0), "{told}");
    assert!(told.receipts > 200 && told.refused > 0, "{told}");
}
