//! `quarterdeck mail suppress` and `unsuppress` by address: Quarterdeck's own list, and the mail service's of the account.

use cli::commands::mail::list::{Done, OfAccount, OnAccount, suppress_on_both, unsuppress_on_both};
use shared::{
    clock::Clock,
    ledger::{Control, Feedback, feedback::Verdict},
    mail::{
        Mailbox,
        account_list::{AccountList, Entry, Reason, memory::MemoryList},
    },
};

use super::world::{Deployment, Night, address};

struct World {
    night: Night,
    list: MemoryList,
    reader: Mailbox,
}

async fn world() -> World {
    let night = Deployment::new(2, "hold").await.night("2026-11-20").await;
    World {
        list: MemoryList::new(night.clock.clone()),
        night,
        reader: address(1).parse().unwrap(),
    }
}

impl World {
    fn account(&self) -> Option<OnAccount<'_>> {
        Some(OnAccount {
            list: &self.list,
            address: &self.reader,
        })
    }
    async fn suppress(&self, account: Option<OnAccount<'_>>) -> anyhow::Result<Done> {
        let now = self.night.clock.now();
        suppress_on_both(&*self.night.ledger, account, &Night::rid(1), "asked for it", now).await
    }
    async fn unsuppress(&self, account: Option<OnAccount<'_>>) -> anyhow::Result<Done> {
        let now = self.night.clock.now();
        unsuppress_on_both(&*self.night.ledger, account, &Night::rid(1), "is back", now).await
    }
    /// On ours, and the entry on the service's.
    async fn listed(&self) -> (Option<Verdict>, Option<Entry>) {
        let ours = self.night.ledger.suppression(&Night::rid(1)).await.unwrap();
        let entry = self.list.get(&self.reader).await.unwrap();
        (ours.map(|ours| ours.verdict), entry)
    }
}

#[tokio::test]
async fn an_address_is_put_on_both_lists_and_taken_off_both_and_written_on_neither_record() {
    let world = world().await;
    let since = world.night.clock.now();
    let entry = Entry {
        reason: Some(Reason::Complaint),
        since,
    };
    for before in [None, Some(entry)] {
        let done = world.suppress(world.account()).await.unwrap();
        let listed = OfAccount { listed: true, before };
        assert_eq!((done.changed, done.account), (before.is_none(), Some(listed)));
        assert_eq!(world.listed().await, (Some(Verdict::Suppress), Some(entry)));
    }
    for before in [Some(entry), None] {
        let done = world.unsuppress(world.account()).await.unwrap();
        let listed = OfAccount {
            listed: false,
            before,
        };
        assert_eq!((done.changed, done.account), (before.is_some(), Some(listed)));
        assert_eq!(world.listed().await, (None, None));
    }
    let audit = world.night.ledger.control_audits(9).await.unwrap();
    assert!(
        !audit.is_empty() && !format!("{audit:?}").contains('@'),
        "{audit:?}"
    );
}

#[tokio::test]
async fn an_entry_that_the_service_made_keeps_its_reason() {
    let world = world().await;
    world.list.put(&world.reader, Reason::Bounce).await.unwrap();
    let done = world.suppress(world.account()).await.unwrap();
    let before = done.account.unwrap().before.unwrap();
    assert_eq!(before.reason, Some(Reason::Bounce));
    assert_eq!(world.listed().await.1, Some(before));
}

#[tokio::test]
async fn by_id_only_our_own_list_is_changed() {
    let world = world().await;
    world.list.put(&world.reader, Reason::Bounce).await.unwrap();
    assert_eq!(world.suppress(None).await.unwrap().account, None);
    assert_eq!(world.unsuppress(None).await.unwrap().account, None);
    let (ours, theirs) = world.listed().await;
    assert!(ours.is_none() && theirs.is_some());
}

#[tokio::test]
async fn a_list_of_the_services_that_refuses_leaves_ours_on_the_safe_side() {
    let world = world().await;
    world.list.refuse(Some("AccessDeniedException"));
    for _ in 0..2 {
        let error = format!("{:#}", world.suppress(world.account()).await.unwrap_err());
        assert!(error.contains("nothing is mailed to the recipient"), "{error}");
        assert!(error.contains("AccessDeniedException"), "{error}");
        let error = format!("{:#}", world.unsuppress(world.account()).await.unwrap_err());
        assert!(error.contains("nothing was changed"), "{error}");
        assert!(!error.contains('@'), "{error}");
    }
    world.list.refuse(None);
    assert_eq!(
        world.listed().await,
        (Some(Verdict::Suppress), None),
        "nothing is mailed there"
    );
    world.unsuppress(world.account()).await.unwrap();
    assert_eq!(world.listed().await, (None, None));
}
