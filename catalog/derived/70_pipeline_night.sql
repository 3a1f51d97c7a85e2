-- One row per run of the 30 days before tonight's: how it ended, and what became of its mails. `mails` and those that are `accepted` or
-- `waiting` are of the run's last permission to mail; `sent` are all that the mail service took, whatever became of them then.
select r.run, r.night, r.state, coalesce(m.mails, 0) as mails, coalesce(m.accepted, 0) as accepted, coalesce(m.sent, 0) as sent,
  coalesce(m.bounced, 0) as bounced, coalesce(m.complained, 0) as complained, coalesce(m.waiting, 0) as waiting, r.unread,
  row_number() over (order by r.night desc) = 1 as is_last
from (
  select run, day(business_date) as night, state, cast(whole(parts_failed) + whole(parts_missing) as bigint) as unread from pipeline_run
) r
left join (
  select d.run, sum(d.n) filter (where d.is_own) as mails,
    sum(d.n) filter (where d.is_own and d.state in ('ACCEPTED', 'DELAYED', 'DELIVERED')) as accepted,
    sum(d.n) filter (where d.state in ('ACCEPTED', 'DELAYED', 'DELIVERED', 'BOUNCED', 'COMPLAINED')) as sent,
    sum(d.n) filter (where d.state = 'BOUNCED') as bounced, sum(d.n) filter (where d.state = 'COMPLAINED') as complained,
    sum(d.n) filter (where d.is_own and d.state in ('HELD', 'UNKNOWN')) as waiting
  from (
    select d.run, d.state, cast(whole(d.mails) as bigint) as n, d.mail_epoch = r.mail_epoch as is_own
    from pipeline_delivery d join pipeline_run r on r.run = d.run
  ) d
  group by d.run
) m on m.run = r.run
