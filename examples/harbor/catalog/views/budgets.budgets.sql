select
  entity,
  day(case when length("month") = 7 then "month" || '-01' else "month" end) as month,
  replace(lower(line), ' ', '_') as line,
  money(amount) as amount
from raw.budgets
