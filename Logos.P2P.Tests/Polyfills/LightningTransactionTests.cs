using LightningDB;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>What lasts, what does not, and who sees what.</summary>
[TestFixture]
internal sealed class LightningTransactionTests
{
    private LmdbDirectory _directory = null!;
    private LightningEnvironment _environment = null!;
    private LightningDatabase _database = null!;

    private static IEnumerable<TestCaseData> Ends()
    {
        yield return Case("committed", transaction => transaction.Commit().ThrowOnError(), isKept: true);
        yield return Case("aborted", transaction => transaction.Abort(), isKept: false);
        yield return Case("only disposed of", _ => { }, isKept: false);

        static TestCaseData Case(string name, Action<LightningTransaction> end, bool isKept) =>
            new TestCaseData(end, isKept).SetArgDisplayNames(name);
    }

    [SetUp]
    public void OpenEnvironment()
    {
        _directory = new LmdbDirectory();
        _environment = _directory.Open();
        _database = _environment.CreateDatabase();
    }

    [TearDown]
    public void CloseEnvironment()
    {
        _database.Dispose();
        _environment.Dispose();
        _directory.Dispose();
    }

    [TestCaseSource(nameof(Ends))]
    public void Only_what_is_committed_survives_reopening(Action<LightningTransaction> end, bool isKept)
    {
        using (LightningTransaction transaction = _environment.BeginTransaction())
        {
            transaction.Put(_database, [1], [1]).ThrowOnError();
            end(transaction);
        }

        _environment.Dispose();
        _environment = _directory.Open();

        byte[][] expected = isKept ? [[1]] : [];
        Assert.That(_environment.ReadKeys(_environment.CreateDatabase()), Is.EqualTo(expected));
    }

    [Test]
    public void A_reader_sees_the_state_in_which_it_began()
    {
        _environment.PutAndCommit(_database, 1);

        using LightningTransaction before = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        _environment.PutAndCommit(_database, 2);
        using LightningTransaction after = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);

        Assert.Multiple(() =>
        {
            Assert.That(before.ReadKeys(_database), Is.EqualTo(new byte[][] { [1] }));
            Assert.That(after.ReadKeys(_database), Is.EqualTo(new byte[][] { [1], [2] }));
        });
    }

    [Test]
    public void A_writer_sees_its_own_changes_and_readers_do_not()
    {
        using LightningTransaction writer = _environment.BeginTransaction();
        writer.Put(_database, [1], [1]).ThrowOnError();

        Assert.Multiple(() =>
        {
            Assert.That(writer.ReadKeys(_database), Is.EqualTo(new byte[][] { [1] }));
            Assert.That(_environment.ReadKeys(_database), Is.Empty);
        });
    }

    [Test]
    public void A_reader_cannot_write()
    {
        using LightningTransaction reader = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);

        const int PermissionDenied = 13;
        Assert.That((int)reader.Put(_database, [1], [1]), Is.EqualTo(PermissionDenied));
    }

    [Test]
    public void A_reader_may_move_between_threads_when_slots_belong_to_transactions()
    {
        _environment.PutAndCommit(_database, 1);
        LightningTransaction reader = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        byte[] read = [];

        var other = new Thread(() =>
        {
            read = reader.Read(_database, 1);
            reader.Dispose();
        });
        other.Start();
        other.Join();

        Assert.That(read, Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void A_thread_has_one_reader_when_slots_belong_to_threads()
    {
        _environment.Dispose();
        _environment = _directory.Open(flags: EnvironmentOpenFlags.None);
        using LightningTransaction first = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);

        Assert.That(
            () => _environment.BeginTransaction(TransactionBeginFlags.ReadOnly),
            Throws.InstanceOf<LightningException>()
                .With.Property(nameof(LightningException.StatusCode)).EqualTo((int)MDBResultCode.BadRSlot));
    }

    [Test]
    public void A_transaction_ends_once()
    {
        using LightningTransaction committed = _environment.BeginTransaction();
        committed.Commit().ThrowOnError();
        using LightningTransaction aborted = _environment.BeginTransaction();
        aborted.Abort();

        Assert.Multiple(() =>
        {
            Assert.That(() => committed.Commit(), Throws.InvalidOperationException);
            Assert.That(committed.Abort, Throws.InvalidOperationException);
            Assert.That(() => aborted.Commit(), Throws.InvalidOperationException);
            Assert.That(aborted.Abort, Throws.InvalidOperationException);
        });
    }

    [Test]
    public void What_a_child_commits_lasts_if_its_parent_commits()
    {
        using (LightningTransaction parent = _environment.BeginTransaction())
        {
            parent.Put(_database, [1], [1]).ThrowOnError();

            using (LightningTransaction kept = _environment.BeginTransaction(parent))
            {
                kept.Put(_database, [2], [2]).ThrowOnError();
                kept.Commit().ThrowOnError();
            }

            using (LightningTransaction dropped = _environment.BeginTransaction(parent))
            {
                dropped.Put(_database, [3], [3]).ThrowOnError();
            }

            parent.Commit().ThrowOnError();
        }

        Assert.That(_environment.ReadKeys(_database), Is.EqualTo(new byte[][] { [1], [2] }));
    }

    [Test]
    public void A_child_cannot_commit_after_its_parent_has_ended()
    {
        LightningTransaction parent = _environment.BeginTransaction();
        LightningTransaction child = _environment.BeginTransaction(parent);
        child.Put(_database, [1], [1]).ThrowOnError();

        parent.Abort();
        MDBResultCode committed = child.Commit();
        child.Dispose();
        parent.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(committed, Is.EqualTo(MDBResultCode.BadTxn));
            Assert.That(_environment.ReadKeys(_database), Is.Empty);
        });
    }

    [Test]
    public void A_transaction_cannot_begin_unless_the_environment_is_open()
    {
        using var other = new LmdbDirectory();
        LightningEnvironment environment = other.Prepare();

        Assert.That(() => environment.BeginTransaction(), Throws.InvalidOperationException);
        environment.Open();
        environment.Dispose();
        Assert.That(() => environment.BeginTransaction(), Throws.InvalidOperationException);
    }
}
