# Threads of one author: posts that are sent as one.
series-add = إضافة منشور آخر
series-add-title = إضافة منشور آخر: تُنشر كلها معًا كسلسلة واحدة
series-part = المنشور { $place } من السلسلة
series-remove = إزالة المنشور
series-remove-title = إزالة المنشور { $place }
series-remove-does = يزول ما كتبته فيه ومعه ملفاته. تبقى المنشورات الأخرى.
series-too-many = تضم السلسلة { $limit } منشورًا على الأكثر.
series-send = { $count ->
    [zero] نشر الكل ({ $count })
    [one] نشر منشور واحد ({ $count })
    [two] نشر الاثنين ({ $count })
    [few] نشر الكل ({ $count })
    [many] نشر الكل ({ $count })
   *[other] نشر الكل ({ $count })
}
series-link = { $count ->
    [zero] سلسلة · { $count } منشور
    [one] سلسلة · منشور واحد ({ $count })
    [two] سلسلة · منشوران ({ $count })
    [few] سلسلة · { $count } منشورات
    [many] سلسلة · { $count } منشورًا
   *[other] سلسلة · { $count } منشور
}
series-link-title = قراءة السلسلة كاملة
series-rest = المزيد من هذه السلسلة
series-delete = { $count ->
    [zero] هذا أول منشور في سلسلة من { $count } منشور: تزول كلها معه.
    [one] هذا أول منشور في سلسلة من منشور واحد ({ $count }): يزول معه.
    [two] هذا أول منشور في سلسلة من منشورين ({ $count }): يزولان معًا.
    [few] هذا أول منشور في سلسلة من { $count } منشورات: تزول كلها معه.
    [many] هذا أول منشور في سلسلة من { $count } منشورًا: تزول كلها معه.
   *[other] هذا أول منشور في سلسلة من { $count } منشور: تزول كلها معه.
}
series-redraft = { $count ->
    [zero] هذا أول منشور في سلسلة من { $count } منشور: تُكتب كلها من جديد.
    [one] هذا أول منشور في سلسلة من منشور واحد ({ $count }): يُكتب من جديد.
    [two] هذا أول منشور في سلسلة من منشورين ({ $count }): يُكتبان من جديد.
    [few] هذا أول منشور في سلسلة من { $count } منشورات: تُكتب كلها من جديد.
    [many] هذا أول منشور في سلسلة من { $count } منشورًا: تُكتب كلها من جديد.
   *[other] هذا أول منشور في سلسلة من { $count } منشور: تُكتب كلها من جديد.
}
