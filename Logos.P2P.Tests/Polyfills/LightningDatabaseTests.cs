using LightningDB;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>Putting, getting and deleting.</summary>
[TestFixture]
internal sealed class LightningDatabaseTests
{
    private LmdbDirectory _directory = null!;
    private LightningEnvironment _environment = null!;
    private LightningDatabase _database = null!;
    private LightningTransaction _transaction = null!;

    private static IEnumerable<TestCaseData> KeyLengths()
    {
        yield return new TestCaseData(0, MDBResultCode.BadValSize);
        yield return new TestCaseData(1, MDBResultCode.Success);
        yield return new TestCaseData(511, MDBResultCode.Success);
        yield return new TestCaseData(512, MDBResultCode.BadValSize);
        yield return new TestCaseData(4096, MDBResultCode.BadValSize);
    }

    // Within a page, just over one, and over many.
    private static IEnumerable<int> ValueLengths => [0, 1, 2000, 4096, 5000, 100 * 1024, 4_000_000];

    [SetUp]
    public void OpenEnvironment()
    {
        _directory = new LmdbDirectory();
        _environment = _directory.Open(mapSize: 16 << 20);
        _database = _environment.CreateDatabase();
        _transaction = _environment.BeginTransaction();
    }

    [TearDown]
    public void CloseEnvironment()
    {
        _transaction.Dispose();
        _database.Dispose();
        _environment.Dispose();
        _directory.Dispose();
    }

    [TestCaseSource(nameof(ValueLengths))]
    public void What_is_put_is_got(int length)
    {
        byte[] value = new byte[length];
        new Random(length).NextBytes(value);

        MDBResultCode put = _transaction.Put(_database, "key"u8, value);
        (MDBResultCode got, _, MDBValue found) = _transaction.Get(_database, "key"u8);

        Assert.Multiple(() =>
        {
            Assert.That(put, Is.EqualTo(MDBResultCode.Success));
            Assert.That(got, Is.EqualTo(MDBResultCode.Success));
            Assert.That(found.AsSpan().SequenceEqual(value), Is.True);
            Assert.That(found.CopyToNewArray(), Is.EqualTo(value));
        });
    }

    [Test]
    public void A_key_that_is_not_there_is_not_found()
    {
        _transaction.Put(_database, [1], [1]).ThrowOnError();

        Assert.Multiple(() =>
        {
            Assert.That(_transaction.Get(_database, [2]).resultCode, Is.EqualTo(MDBResultCode.NotFound));
            Assert.That(_transaction.Delete(_database, [2]), Is.EqualTo(MDBResultCode.NotFound));
        });
    }

    [Test]
    public void A_second_value_replaces_the_first()
    {
        _transaction.Put(_database, [1], [10]).ThrowOnError();
        _transaction.Put(_database, [1], [20, 30]).ThrowOnError();

        Assert.Multiple(() =>
        {
            Assert.That(_transaction.Read(_database, 1), Is.EqualTo(new byte[] { 20, 30 }));
            Assert.That(_transaction.GetEntriesCount(_database), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_value_that_is_not_to_be_overwritten_stays()
    {
        _transaction.Put(_database, [1], [10]).ThrowOnError();

        MDBResultCode again = _transaction.Put(_database, [1], [20], PutOptions.NoOverwrite);

        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(MDBResultCode.KeyExist));
            Assert.That(_transaction.Read(_database, 1), Is.EqualTo(new byte[] { 10 }));
        });
    }

    [Test]
    public void What_is_deleted_is_gone_and_the_rest_stays()
    {
        _transaction.Put(_database, [1], [1]).ThrowOnError();
        _transaction.Put(_database, [2], [2]).ThrowOnError();

        MDBResultCode deleted = _transaction.Delete(_database, [1]);

        Assert.Multiple(() =>
        {
            Assert.That(deleted, Is.EqualTo(MDBResultCode.Success));
            Assert.That(_transaction.ReadKeys(_database), Is.EqualTo(new byte[][] { [2] }));
            Assert.That(_transaction.GetEntriesCount(_database), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_truncated_database_is_empty_and_usable()
    {
        _transaction.Put(_database, [1], [1]).ThrowOnError();
        _transaction.Put(_database, [2], [2]).ThrowOnError();

        MDBResultCode truncated = _transaction.TruncateDatabase(_database);
        long left = _transaction.GetEntriesCount(_database);
        MDBResultCode put = _transaction.Put(_database, [3], [3]);

        Assert.Multiple(() =>
        {
            Assert.That(truncated, Is.EqualTo(MDBResultCode.Success));
            Assert.That(left, Is.Zero);
            Assert.That(put, Is.EqualTo(MDBResultCode.Success));
        });
    }

    [TestCaseSource(nameof(KeyLengths))]
    public void Keys_have_1_to_511_bytes(int length, MDBResultCode expected) =>
        Assert.That(_transaction.Put(_database, new byte[length], "value"u8), Is.EqualTo(expected));

    [Test]
    public void Databases_of_different_names_are_apart()
    {
        using LightningDatabase other = _transaction.OpenDatabase("other", LmdbShorthand.Creating());

        _transaction.Put(_database, [1], [10]).ThrowOnError();
        _transaction.Put(other, [1], [20]).ThrowOnError();

        Assert.Multiple(() =>
        {
            Assert.That(_transaction.Read(_database, 1), Is.EqualTo(new byte[] { 10 }));
            Assert.That(_transaction.Read(other, 1), Is.EqualTo(new byte[] { 20 }));
        });
    }

    [Test]
    public void A_database_that_is_not_there_is_not_opened_unless_it_is_to_be_made()
    {
        Assert.That(
            () => _transaction.OpenDatabase("other"),
            Throws.InstanceOf<LightningException>()
                .With.Property(nameof(LightningException.StatusCode)).EqualTo((int)MDBResultCode.NotFound));
        Assert.That(() => _transaction.OpenDatabase("other", LmdbShorthand.Creating()), Throws.Nothing);
    }

    [Test]
    public void There_are_no_more_databases_than_were_provided_for()
    {
        // One of the four is open already.
        foreach (string name in (string[])["second", "third", "fourth"])
            _transaction.OpenDatabase(name, LmdbShorthand.Creating());

        Assert.That(
            () => _transaction.OpenDatabase("fifth", LmdbShorthand.Creating()),
            Throws.InstanceOf<LightningException>()
                .With.Property(nameof(LightningException.StatusCode)).EqualTo((int)MDBResultCode.DbsFull));
    }

    [Test]
    public void The_database_without_a_name_is_always_there()
    {
        using LightningDatabase unnamed = _transaction.OpenDatabase();

        Assert.That(_transaction.Put(unnamed, "key"u8, "value"u8), Is.EqualTo(MDBResultCode.Success));
    }
}
