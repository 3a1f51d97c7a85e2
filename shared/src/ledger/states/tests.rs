use super::*;

#[test]
fn an_event_moves_a_delivery_only_to_a_higher_rank() {
    use DeliveryState::*;
    let order = [
        &[Accepted][..],
        &[Delayed],
        &[Delivered],
        &[Bounced, Complained, Failed],
    ];
    for (i, from) in order.iter().enumerate() {
        for (j, to) in order.iter().enumerate() {
            let expected = if j > i { Reported::Moves } else { Reported::Stays };
            for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))) {
                assert_eq!(from.reported(*to), expected, "{from} -> {to}");
            }
        }
    }
    for from in [Queued, Sending, Unknown, Held] {
        assert_eq!(
            from.reported(Accepted),
            Reported::Moves,
            "{from}: a Send event is proof"
        );
    }
}

#[test]
fn an_event_never_moves_a_delivery_that_was_not_sent_nor_to_a_state_of_ours() {
    use DeliveryState::*;
    for from in [Expired, Suppressed, Cancelled] {
        for to in DeliveryState::ALL {
            assert_eq!(from.reported(to), Reported::Illegal, "{from} -> {to}");
        }
    }
    for to in [Queued, Sending, Held, Unknown, Expired, Suppressed, Cancelled] {
        for from in DeliveryState::ALL {
            assert_eq!(from.reported(to), Reported::Illegal, "{from} -> {to}");
        }
    }
}
