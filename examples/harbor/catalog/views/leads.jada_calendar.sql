-- Enquiries in the calendar.
select
  'jada' as entity,
  id as lead_id,
  day(booked_at) as created_on,
  case lower(source)
    when 'boatsetter' then 'Boatsetter' when 'sailo' then 'Sailo' when 'getmyboat' then 'GetMyBoat' when 'viator' then 'Viator'
    else lower(source)
  end as channel,
  case when status = 'won' then 'won' when status = 'lost' then 'lost' when quoted_at is not null then 'quote' else 'enquiry' end as step,
  money(gross_revenue) as value,
  day(quoted_at) as quoted_on,
  case when status = 'won' then coalesce(day(quoted_at), day(booked_at)) end as won_on
from raw.jada_calendar
where lower(event_type) = 'inquiry'
