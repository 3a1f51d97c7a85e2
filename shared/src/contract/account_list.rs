//! What every [`AccountList`] does.

use crate::mail::{
    Mailbox,
    account_list::{AccountList, Reason},
};

/// Tests for a list: the argument is a future of `Option<impl AccountList>`, an empty list for each test.
#[macro_export]
macro_rules! account_list_contract {
    ($make:expr) => {
        use $crate::contract::account_list as account_list_sentences;
        $crate::contract_tests!(
            $make,
            account_list_sentences,
            [
                an_address_is_on_the_list_from_its_putting_to_its_removal,
                an_address_that_is_put_twice_is_there_once_and_one_removal_takes_it_off,
                removing_what_is_not_on_the_list_is_no_error,
                an_address_is_found_and_removed_as_it_was_written_and_in_lower_case,
            ]
        );
    };
}

fn mailbox(text: &str) -> Mailbox {
    text.parse().expect("a literal")
}

async fn is_on(list: &dyn AccountList, address: &Mailbox) -> bool {
    list.get(address).await.expect("looked up").is_some()
}

/// And no other is.
pub async fn an_address_is_on_the_list_from_its_putting_to_its_removal(list: &dyn AccountList) {
    let (cfo, cto) = (mailbox("cfo@example.com"), mailbox("c+o@example.com"));
    for (address, reason) in [(&cfo, Reason::Complaint), (&cto, Reason::Bounce)] {
        assert!(!is_on(list, address).await);
        list.put(address, reason).await.expect("put");
        let entry = list.get(address).await.expect("looked up").expect("there");
        assert_eq!(entry.reason, Some(reason));
    }
    list.remove(&cfo).await.expect("removed");
    assert!(!is_on(list, &cfo).await && is_on(list, &cto).await);
    list.remove(&cto).await.expect("removed");
    assert!(!is_on(list, &cto).await);
}

/// An answer that was lost is asked for again.
pub async fn an_address_that_is_put_twice_is_there_once_and_one_removal_takes_it_off(list: &dyn AccountList) {
    let cfo = mailbox("cfo@example.com");
    for _ in 0..2 {
        list.put(&cfo, Reason::Complaint).await.expect("put");
    }
    assert!(is_on(list, &cfo).await);
    list.remove(&cfo).await.expect("removed");
    assert!(!is_on(list, &cfo).await);
}

/// SES answers 404 to that.
pub async fn removing_what_is_not_on_the_list_is_no_error(list: &dyn AccountList) {
    let cfo = mailbox("cfo@example.com");
    for _ in 0..2 {
        list.remove(&cfo).await.expect("removed");
    }
    assert!(!is_on(list, &cfo).await);
}

/// The domain's case is nobody's business.
pub async fn an_address_is_found_and_removed_as_it_was_written_and_in_lower_case(list: &dyn AccountList) {
    for (written, asked) in [
        ("CFO@Example.com", "cfo <CFO@example.COM>"),
        ("cto@example.com", "CTO@example.com"),
    ] {
        let (written, asked) = (mailbox(written), mailbox(asked));
        list.put(&written, Reason::Bounce).await.expect("put");
        assert!(is_on(list, &asked).await);
        list.remove(&asked).await.expect("removed");
        assert!(!is_on(list, &written).await);
    }
}
