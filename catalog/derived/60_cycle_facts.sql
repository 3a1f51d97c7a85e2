-- One row per handoff and practice of the development cycle: what the handoff says of it, judged. `score` is 0 to 4: 0 no, 1 by hand
-- or partly, 3 yes, 4 yes and automatic. Silence is unknown.
select d.file, d.entity, p.practice, p.title,
  case when f.score is null then 'unknown' when f.score >= 3 then 'ok' else 'alarm' end as status,
  case when f.score is null then 'the handoff does not say' else concat(d.file, ':', f.line, ': ', f.key, ': ', f.value) end as reason,
  f.score
from handoff_document d
cross join (
  values ('ci', 'CI'), ('staging', 'Staging'), ('rollback', 'Rollback'), ('tests', 'Tests'), ('iac', 'IaC')
) as p (practice, title)
left join (
  select file, practice, line, key, value, score
  from (
    select file, practice, line, key, value,
      case
        when regexp_like(lower(value), '^(no|none|nothing|not |missing|n/a|never|todo)') then 0
        when regexp_like(lower(value), '(manual|by hand|partial|partly|half|some|only|console|click|upload|copy|zip)') then 1
        when regexp_like(lower(value), '^[0-9]$') then 1
        when regexp_like(lower(value), '(automatic|every (push|commit|merge)|full)') then 4
        else 3
      end as score,
      row_number() over (partition by file, practice order by cast(line as int) desc) as r
    from (
      select file, line, key, value,
        case
          when regexp_like(lower(trim(key)), '^(ci|ci/cd|continuous integration)$') then 'ci'
          when regexp_like(lower(trim(key)), '^(staging|staging environment|environments?)$') then 'staging'
          when regexp_like(lower(trim(key)), '^(rollback|roll back|rollbacks)$') then 'rollback'
          when regexp_like(lower(trim(key)), '^(tests?|testing|test coverage)$') then 'tests'
          when regexp_like(lower(trim(key)), '^(iac|infrastructure as code|infrastructure|terraform|sam)$') then 'iac'
        end as practice
      from handoff_fact
      where value is not null
    )
    where practice is not null
  )
  where r = 1
) f on f.file = d.file and f.practice = p.practice
