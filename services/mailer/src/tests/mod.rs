//! The mailer over a real ledger (embedded DynamoDB), with a scripted mail service and injected faults.

mod brake;
mod deliveries;
mod doubt;
mod events;
mod faults;
mod faulty;
mod logs;
mod metrics;
mod replies;
mod suppression;
mod world;
