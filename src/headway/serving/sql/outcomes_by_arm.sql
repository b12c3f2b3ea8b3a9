-- What came of a deployment's decisions, by arm.
-- Grain: one row an arm. A subject counts once, in the arm of its first decision, whatever was decided about it later:
-- chance put it there, and nothing that happened afterwards may move it.
-- Inputs: decisions (id, at_us, arm, action), inputs (id, subject), outcomes (id, decision, outcome, value, at_us,
-- recorded_at_us); times are microseconds since 1970 in UTC. Of several outcomes about one decision the one told last counts.
-- Parameters: $now, $window (microseconds, null for none), $free (the action that costs nothing, or null),
-- $successes and $failures (outcomes in lower case), $rest_fails (whether every other word is a failure).
with placed as (
    select d.id, d.at_us, d.arm, d.action, coalesce('subject ' || i.subject, 'decision ' || d.id) as subject
    from decisions d left join inputs i on i.id = d.id
),
units as (
    select
        subject,
        arg_min(arm, (at_us, id)) as arm,
        min(at_us) as first_us,
        count(*) as decisions,
        count(*) filter (action is not null and action is distinct from $free) as actions,
        count(distinct arm) > 1 as is_switched
    from placed
    group by subject
),
told as (
    select
        coalesce(p.subject, 'subject ' || i.subject) as subject,
        coalesce('decision ' || o.decision, 'subject ' || i.subject) as about,
        o.decision is null as is_of_subject,
        o.id, o.outcome, o.value, o.recorded_at_us, coalesce(o.at_us, o.recorded_at_us) as at_us
    from outcomes o
    left join placed p on p.id = o.decision
    left join inputs i on i.id = o.id and o.decision is null
),
latest as (
    select t.subject, t.outcome, t.value, (t.at_us - u.first_us) / 86400e6 as delay
    from told t join units u on u.subject = t.subject
    where ($window is null or t.at_us <= u.first_us + $window)
      and (not t.is_of_subject or t.at_us >= u.first_us)
    qualify row_number() over (partition by t.about order by t.at_us desc, t.recorded_at_us desc, t.id desc) = 1
),
read as (
    select
        subject,
        delay,
        case
            when list_contains($successes, lower(outcome)) then 1
            when list_contains($failures, lower(outcome)) then 0
            when try_cast(outcome as double) is not null then null
            when $rest_fails and outcome is not null then 0
        end as success,
        -- A bare yes says that there was a success and not how large it was.
        case when try_cast(outcome as double) is null and value = 1 then null else value end as amount,
        try_cast(outcome as double) is not null
            and not list_contains($successes, lower(outcome))
            and not list_contains($failures, lower(outcome)) as is_number
    from latest
),
outcome as (
    select
        subject,
        max(success) as success,
        sum(amount) as amount,
        count(*) filter (success is null and amount is null) as unread,
        count(*) filter (is_number) as numbers,
        greatest(min(delay), 0) as delay
    from read
    group by subject
)
select
    u.arm,
    count(*) as subjects,
    sum(u.decisions)::bigint as decisions,
    sum(u.actions)::bigint as actions,
    count(*) filter (is_due) as due,
    count(o.success) filter (is_due) as known,
    coalesce(sum(o.success) filter (is_due), 0)::bigint as successes,
    coalesce(sum(u.actions) filter (is_due and (o.success is not null or o.amount is not null)), 0)::bigint
        as known_actions,
    count(o.amount) filter (is_due) as amounts,
    avg(o.amount) filter (is_due) as amount_mean,
    var_samp(o.amount) filter (is_due) as amount_variance,
    coalesce(sum(o.numbers), 0)::bigint as numbers,
    coalesce(sum(o.unread), 0)::bigint as unread,
    count(*) filter (u.is_switched) as switched,
    median(o.delay) as median_delay_days
from (select *, $window is null or first_us + $window <= $now as is_due from units) u
left join outcome o on o.subject = u.subject
group by u.arm
order by u.arm
