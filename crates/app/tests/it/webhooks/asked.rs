//! A receiver that asks to be tried again later.

use std::time::Duration;

use verifa_testkit::Scripted;

use super::Hooks;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_may_ask_for_more_time_and_never_gets_less() {
    let hooks = Hooks::new().await;
    let session = hooks.session().await;
    // (what it answers, when it is not yet tried again, when it is)
    let tries = [
        // The schedule says 30 s.
        (Scripted::RetryAfter(429, 600), 599, 601),
        // 2 min, a tenth more or less.
        (Scripted::RetryAfter(503, 1), 107, 133),
        // 8 min; other statuses do not mean "later".
        (Scripted::RetryAfter(500, 3_000), 431, 529),
        // 32 min; nobody is waited for longer than an hour.
        (Scripted::RetryAfter(429, 86_400), 3_599, 3_601),
        // 2 h: longer than what may be asked for.
        (Scripted::RetryAfter(429, 86_400), 6_479, 7_921),
    ];
    let first = tries[0].0.clone();
    hooks.receiver.answer(move |_| first.clone());
    hooks.tell(session, 0).await;
    hooks.deliver().await;
    for (n, (_, early, late)) in tries.iter().enumerate() {
        let tried = n + 1;
        assert_eq!(hooks.receiver.received().len(), tried);
        hooks.pass(seconds(*early)).await;
        assert_eq!(hooks.receiver.received().len(), tried, "too early");
        let next = tries.get(tried).map(|(answer, ..)| answer.clone());
        let next = next.unwrap_or(Scripted::Status(200));
        hooks.receiver.answer(move |_| next.clone());
        hooks.pass(seconds(late - early)).await;
        assert_eq!(hooks.receiver.received().len(), tried + 1, "too late");
    }
    assert_eq!(hooks.statuses().await["succeeded"], 1);
}
