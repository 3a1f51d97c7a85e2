select entity, holder, ratio(share) as share, flag(signed) as documented, day(as_of) as as_of
from raw.equity
