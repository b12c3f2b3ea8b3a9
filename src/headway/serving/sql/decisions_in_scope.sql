-- Every decision that was looked at, with its use case and whether it lies in the scope, and a view of those that do.
-- Grain: one row a decision. Inputs: decisions (id, at_us, environment, deployment, release, arm, score, band, action),
-- inputs (id, subject), releases (release), singles (id), names (environment, deployment, since_us, until_us, usecase,
-- department, is_whole); times are microseconds since 1970 in UTC. The times of one name leave no gap and never overlap.
-- $SUBJECT: the column of subjects, or nothing where they may not be seen.
create temp table placed as
select
    d.*,
    $SUBJECT as subject,
    n.usecase,
    n.department,
    coalesce(d.release in (select release from releases), false)
        or d.id in (select id from singles)
        or coalesce(n.is_whole, false) as is_affected
from decisions d
left join names n
    on n.environment = d.environment and n.deployment = d.deployment
    and (n.since_us is null or d.at_us >= n.since_us) and (n.until_us is null or d.at_us < n.until_us)
left join inputs i on i.id = d.id;
create temp view affected as select * from placed where is_affected;
