select 'eyd' as entity, id as asset_id, 'vessel' as kind, name, "type" || ' under delivery' as status
from raw.eyd_vessels
