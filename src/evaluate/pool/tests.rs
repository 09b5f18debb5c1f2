//! Tests of the gate, on a clock that only they move.

use proptest::prelude::*;

use super::*;
use crate::model::Usage;

const CALLS: Budget = Budget {
    cost: None,
    calls: None,
    time: None,
};

fn pool(budget: Budget, jobs: usize) -> Arc<Pool> {
    Arc::new(Pool::new(budget, jobs))
}

fn used(cost: Option<u64>) -> Spent {
    let cost = cost.map(|micro_dollars| Cost {
        micro_dollars,
        is_estimate: false,
    });
    Spent {
        usage: Usage {
            calls: 1,
            cost,
            ..Usage::default()
        },
        tools: Vec::new(),
    }
}

async fn enter(pool: &Arc<Pool>, key: &str) -> Ticket {
    pool.enter(key, &Cancel::new()).await.unwrap()
}

/// Whether a call may start without any waiting.
async fn is_open(pool: &Arc<Pool>, key: &str) -> bool {
    let cancel = Cancel::new();
    let soon = tokio::time::timeout(Duration::ZERO, pool.enter(key, &cancel));
    matches!(soon.await, Ok(Ok(_)))
}

fn refuse(ticket: Ticket, wait: Option<u64>) -> Option<Slowed> {
    ticket.close(&used(None), End::Refused(wait.map(Duration::from_secs)))
}

fn seconds(slowed: Option<Slowed>) -> f64 {
    slowed.unwrap().wait.as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_refused_together_slow_an_agent_down_once() {
    let pool = pool(CALLS, 8);
    let mut tickets = Vec::new();
    for _ in 0..8 {
        tickets.push(enter(&pool, "a").await);
    }
    let told: Vec<Option<Slowed>> = tickets
        .into_iter()
        .map(|ticket| refuse(ticket, Some(30)))
        .collect();
    assert_eq!(told.iter().flatten().count(), 1);
    assert_eq!(told[0].unwrap().at_once, 4);
    assert!(!is_open(&pool, "a").await);
    assert!(is_open(&pool, "b").await, "another agent waits too");
    let started = Instant::now();
    let first = enter(&pool, "a").await;
    let waited = started.elapsed().as_secs_f64();
    assert!((30.0..=33.1).contains(&waited), "{waited}");
    let _others = [enter(&pool, "a").await, enter(&pool, "a").await];
    let _fourth = enter(&pool, "a").await;
    assert!(!is_open(&pool, "a").await, "more than half run");
    assert_eq!(first.close(&used(None), End::Taken), None);
    assert!(is_open(&pool, "a").await);
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_as_told_within_bounds_and_else_doubles_until_a_call_is_taken() {
    let pool = pool(CALLS, 8);
    for (told, from, at_once) in [
        (None, 5.0, 4),
        (None, 10.0, 2),
        (Some(1), 1.0, 1),
        (None, 40.0, 1),
        (None, 60.0, 1),
        (Some(0), 60.0, 1),
        (Some(500), 120.0, 1),
    ] {
        let slowed = refuse(enter(&pool, "a").await, told);
        assert_eq!(slowed.unwrap().at_once, at_once);
        let wait = seconds(slowed);
        assert!((from..=from * 1.1).contains(&wait), "{told:?}: {wait}");
    }
    enter(&pool, "a").await.close(&used(None), End::Taken);
    let wait = seconds(refuse(enter(&pool, "a").await, None));
    assert!((5.0..=5.5).contains(&wait), "{wait}");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_ends_waiting_at_once() {
    let pool = pool(CALLS, 1);
    refuse(enter(&pool, "a").await, Some(100));
    let (cancel, started) = (Cancel::new(), Instant::now());
    let (stop, ()) = tokio::join!(pool.enter("a", &cancel), async {
        tokio::task::yield_now().await;
        cancel.cancel();
    });
    assert_eq!(stop.unwrap_err(), Stop::Cancelled);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_budget_runs_while_a_call_waits() {
    let budget = Budget {
        time: Some(Duration::from_mins(1)),
        ..CALLS
    };
    let pool = pool(budget, 1);
    refuse(enter(&pool, "a").await, Some(100));
    let started = Instant::now();
    let stop = pool.enter("a", &Cancel::new()).await.unwrap_err();
    let message = "budget spent: 1m 0s passed (`--max-time 1m`)";
    assert_eq!(stop, Stop::Spent(message.into()));
    assert_eq!(started.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_those_that_run_if_they_may_cost_what_is_left() {
    let budget = Budget {
        cost: Cost::from_dollars(1.0, false),
        ..CALLS
    };
    let pool = pool(budget, 4);
    enter(&pool, "a")
        .await
        .close(&used(Some(400_000)), End::Taken);
    let dear = enter(&pool, "a").await;
    let cheap = enter(&pool, "a").await;
    let cancel = Cancel::new();
    let (next, slowed) = tokio::join!(pool.enter("a", &cancel), async {
        tokio::task::yield_now().await;
        cheap.close(&used(Some(1)), End::Taken)
    });
    assert_eq!(slowed, None);
    let next = next.unwrap();
    dear.close(&used(Some(600_000)), End::Taken);
    drop(next);
    let stop = pool.enter("a", &cancel).await.unwrap_err();
    assert!(matches!(stop, Stop::Spent(_)), "{stop:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_knows_the_end_of_gives_its_place_back() {
    let pool = pool(CALLS, 1);
    let ticket = enter(&pool, "a").await;
    assert!(!is_open(&pool, "a").await);
    drop(ticket);
    assert!(is_open(&pool, "a").await);
}

#[tokio::test(start_paused = true)]
async fn who_is_turned_away_pays_nothing() {
    let budget = Budget {
        cost: Cost::from_dollars(1.0, false),
        ..CALLS
    };
    let pool = pool(budget, 1);
    enter(&pool, "a")
        .await
        .close(&used(Some(900_000)), End::Taken);
    for _ in 0..5 {
        refuse(enter(&pool, "a").await, Some(1));
    }
    assert_eq!(enter(&pool, "a").await.close(&used(None), End::Taken), None);
    let stop = pool.enter("a", &Cancel::new()).await.unwrap_err();
    assert!(matches!(stop, Stop::Spent(_)), "{stop:?}");
}

#[test]
fn a_call_is_given_up_after_six_repeats_or_ten_minutes() {
    let mut patience = Patience::default();
    let short = Duration::from_secs(1);
    assert!((0..6).all(|_| patience.bears(short)));
    assert!(!patience.bears(short));
    assert_eq!(patience.repeats(), 6);
    let mut patience = Patience::default();
    let long = Duration::from_mins(4);
    assert!(patience.bears(long) && patience.bears(long) && !patience.bears(long));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However calls are made side by side, refused, left or not made.
    #[test]
    fn never_more_calls_than_the_budget_allows_and_none_is_forgotten(
        most in 1..20_u32, jobs in 1..6_usize, ends in prop::collection::vec(0..4_u8, 30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let pool = pool(Budget { calls: Some(most), ..CALLS }, jobs);
        let made = runtime.block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            for end in ends {
                let pool = Arc::clone(&pool);
                tasks.spawn(async move {
                    let Ok(ticket) = pool.enter("a", &Cancel::new()).await else {
                        return 0;
                    };
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    match end {
                        0 => ticket.close(&used(None), End::Taken),
                        1 => refuse(ticket, Some(1)),
                        2 => {
                            drop(ticket);
                            None
                        }
                        _ => {
                            ticket.close(&Spent::default(), End::Taken);
                            return 0;
                        }
                    };
                    1
                });
            }
            tasks.join_all().await.into_iter().sum::<u32>()
        });
        prop_assert!(made <= most);
        let state = pool.state();
        prop_assert!(state.lines.values().all(Line::is_idle));
    }
}
