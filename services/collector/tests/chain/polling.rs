//! The stages that sleep between runs: a plan wakes them, an open run keeps them awake, its end lets them sleep.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use collector::polling::Polling;
use jiff::SignedDuration;
use shared::{id::Generation, ledger::RunState, queue::Stage};

use super::world::World;

/// One stage, whose queue is empty, and whether it is polled.
#[derive(Default)]
struct Switch(Mutex<bool>);

#[async_trait]
impl Polling for Switch {
    fn stages(&self) -> Vec<Stage> {
        vec![Stage::Analyze]
    }
    async fn depth(&self, _: Stage) -> anyhow::Result<u64> {
        Ok(0)
    }
    async fn switch(&self, _: Stage, on: bool) -> anyhow::Result<bool> {
        let before = std::mem::replace(&mut *self.0.lock().unwrap(), on);
        Ok(before != on)
    }
}

impl Switch {
    fn is_on(&self) -> bool {
        *self.0.lock().unwrap()
    }
}

async fn sweep(world: &World) {
    world.deps.chain().sweep_open_runs().await.unwrap();
}

#[tokio::test]
async fn a_stage_is_awake_from_the_plan_to_the_end_of_the_run() {
    let mut world = World::new().await;
    let switch = Arc::new(Switch::default());
    world.deps.polling = Some(switch.clone());
    sweep(&world).await;
    assert!(!switch.is_on(), "there is no run");
    world.send(&world.plan).await;
    world.poll(1).await;
    assert!(switch.is_on(), "the plan woke it");
    // A sweep before its look is due, and one that finds it switched off by somebody.
    sweep(&world).await;
    assert!(switch.is_on(), "a run is open");
    switch.switch(Stage::Analyze, false).await.unwrap();
    sweep(&world).await;
    assert!(switch.is_on(), "a run is open still");
    let (run, now) = (&world.plan.run, world.plan.issued_at);
    let ended = world
        .ledger
        .finish_run(run, Generation(0), RunState::Finished, now);
    ended.await.unwrap();
    world.clock.advance(SignedDuration::from_mins(5));
    sweep(&world).await;
    assert!(!switch.is_on(), "it has ended");
}
