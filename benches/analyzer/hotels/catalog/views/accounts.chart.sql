-- So that there is a fixed cost for charters to carry. Both engines run it as it stands.
select entity, account, name, type, account = '1000' as cash
from (values ('resort'), ('city'), ('north'), ('south')) as e(entity)
cross join (values ('1000', 'Bank', 'asset'), ('6000', 'Rent', 'fixed')) as a(account, name, type)
